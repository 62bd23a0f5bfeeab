# Misuse that must not compile. Each file here marks one line with "// must not compile"; the test is
# that the compiler rejects the file and names that line, and accepts the file without that line.
file(GLOB misuses CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/*.cpp")
foreach(misuse IN LISTS misuses)
  cmake_path(GET misuse STEM name)
  set(test "compile_fail:${name}")
  add_test(NAME "${test}"
    COMMAND "${CMAKE_COMMAND}" -D "CXX=${CMAKE_CXX_COMPILER}" -D "FILE=${misuse}"
      -D "INCLUDE=${PROJECT_BINARY_DIR}/include" -D "WORK=${CMAKE_CURRENT_BINARY_DIR}/compile_fail"
      -P "${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/check.cmake")
  set_tests_properties("${test}" PROPERTIES LABELS compile_fail)
endforeach()
