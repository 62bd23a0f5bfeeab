# weir_suite(<name> <libraries>...): tests/<name>/**/*.cpp as the program weir_<name>_tests, each of
# its cases registered with ctest under the label <name>.
include(Catch)

if(Catch2_VERSION VERSION_GREATER_EQUAL 3)
  # Tests say <catch2/catch.hpp>, version 2's single header; version 3 calls it catch_all.hpp.
  file(WRITE "${PROJECT_BINARY_DIR}/catch/catch2/catch.hpp"
    "#pragma once\n#include <catch2/catch_all.hpp>\nusing Catch::Approx;\n")
  set(WEIR_CATCH_SHIM "${PROJECT_BINARY_DIR}/catch")
endif()

function(weir_suite name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp")
  if(NOT sources)
    return()
  endif()
  add_executable(weir_${name}_tests ${sources})
  target_link_libraries(weir_${name}_tests PRIVATE
    weir_warnings ${ARGN} Catch2::Catch2WithMain rapidcheck)
  target_compile_features(weir_${name}_tests PRIVATE cxx_std_20)
  target_include_directories(weir_${name}_tests PRIVATE "${PROJECT_BINARY_DIR}/include")
  target_include_directories(weir_${name}_tests SYSTEM PRIVATE ${WEIR_CATCH_SHIM})
  if(name STREQUAL "actors")
    set(caf_headers ${WEIR_CAF_HEADERS})
  endif()
  weir_precompile(weir_${name}_tests <catch2/catch.hpp> ${caf_headers})
  target_compile_definitions(weir_${name}_tests PRIVATE WEIR_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  catch_discover_tests(weir_${name}_tests TEST_PREFIX "${name}:" PROPERTIES LABELS ${name})
endfunction()
