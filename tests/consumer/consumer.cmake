# cmake -P: installs BUILD into a fresh prefix, then configures, builds and runs the consumer there.
set(prefix "${BUILD}/tests/consumer/prefix")
set(tree "${BUILD}/tests/consumer/build")
file(REMOVE_RECURSE "${prefix}" "${tree}")

function(step what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${what} failed (${code}):\n${output}")
  endif()
endfunction()

step("install" "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${prefix}")
set(flags)
if(SANITIZE)
  set(flags "-fsanitize=${SANITIZE}")
endif()
step("configure" "${CMAKE_COMMAND}" -G Ninja -S "${CMAKE_CURRENT_LIST_DIR}" -B "${tree}"
  -D "CMAKE_CXX_COMPILER=${CXX}" -D "CMAKE_PREFIX_PATH=${prefix}" -D "CAF_ROOT=${CAF_ROOT}"
  -D "CMAKE_CXX_FLAGS=${flags}" -D "CMAKE_BUILD_TYPE=${BUILD_TYPE}")
step("build" "${CMAKE_COMMAND}" --build "${tree}")
step("run without_actors" "${tree}/without_actors")
step("run with_actors" "${tree}/with_actors")
