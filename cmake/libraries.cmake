# The two libraries. The source root is linked as <build>/include/weir, so that an include reads
# "weir/runtime/core/result.hpp" in the tree exactly as it does after an installation.
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/include")
file(CREATE_LINK "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}/include/weir" SYMBOLIC)

# weir_library(<tree> [libraries...]): <tree>/**/*.cpp as weir_<tree>, alias weir::<tree>. While the
# folder has no source yet, the target is an interface so that its dependants still build.
function(weir_library name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${name}/*.cpp")
  if(sources)
    add_library(weir_${name} STATIC ${sources})
    target_link_libraries(weir_${name} PRIVATE $<BUILD_INTERFACE:weir_warnings>)
    set(visibility PUBLIC)
  else()
    add_library(weir_${name} INTERFACE)
    set(visibility INTERFACE)
  endif()
  add_library(weir::${name} ALIAS weir_${name})
  set_target_properties(weir_${name} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  target_compile_features(weir_${name} ${visibility} cxx_std_20)
  target_include_directories(weir_${name} ${visibility}
    "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>"
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  target_link_libraries(weir_${name} ${visibility} ${ARGN})
endfunction()

weir_library(runtime
  tl::expected Boost::headers Boost::json simdjson::simdjson spdlog::spdlog fmt::fmt xxHash::xxhash
  RocksDB::rocksdb-shared Threads::Threads)
weir_library(actors weir::runtime CAF::core CLI11::CLI11)
get_target_property(kind weir_actors TYPE)
if(NOT kind STREQUAL "INTERFACE_LIBRARY")
  target_link_libraries(weir_actors PRIVATE httplib::httplib)
  weir_precompile(weir_actors ${WEIR_CAF_HEADERS})
endif()
