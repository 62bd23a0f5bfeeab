# Every header compiles alone: one generated source per header, which includes it twice (the second
# time proves its guard). Compiled, never run; -O0 because only the front end matters.
set(alone_dir "${CMAKE_CURRENT_BINARY_DIR}/headers")
foreach(tree runtime actors)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS
    RELATIVE "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/${tree}/*.hpp")
  set(sources)
  foreach(header IN LISTS headers)
    string(REPLACE ".hpp" ".cpp" source "${alone_dir}/${header}")
    file(CONFIGURE OUTPUT "${source}"
      CONTENT "#include \"weir/${header}\"\n#include \"weir/${header}\"\n")
    list(APPEND sources "${source}")
  endforeach()
  if(sources)
    add_library(weir_${tree}_headers_alone OBJECT ${sources})
    target_link_libraries(weir_${tree}_headers_alone PRIVATE weir_warnings weir::${tree})
    target_compile_options(weir_${tree}_headers_alone PRIVATE -O0 -g0)
  endif()
endforeach()
