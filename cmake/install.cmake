# cmake --install: headers under include/weir, the two libraries, and a package for
# find_package(weir). What lies in a folder `internal` stays at home.
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/weir")

install(DIRECTORY runtime actors DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/weir"
  FILES_MATCHING PATTERN "*.hpp" PATTERN "*.def" PATTERN "internal" EXCLUDE)
install(TARGETS weir_runtime weir_actors EXPORT weir_targets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(EXPORT weir_targets NAMESPACE weir:: FILE weir-targets.cmake DESTINATION "${package_dir}")

configure_package_config_file(cmake/weir-config.cmake.in
  "${PROJECT_BINARY_DIR}/weir-config.cmake" INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/weir-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/weir-config.cmake" "${PROJECT_BINARY_DIR}/weir-config-version.cmake"
  cmake/FindCAF.cmake cmake/FindxxHash.cmake cmake/FindHttplib.cmake
  DESTINATION "${package_dir}")
if(TARGET sample_weir)
  install(TARGETS sample_weir RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
