# Every library Weir uses is found here and nowhere else; cmake/weir-config.cmake.in repeats the
# ones that an installed Weir needs.
find_package(Threads REQUIRED)
find_package(CAF 0.17.6 REQUIRED)
find_package(tl-expected REQUIRED CONFIG)
find_package(Boost 1.81 REQUIRED CONFIG COMPONENTS json)
find_package(simdjson 3.0 REQUIRED CONFIG)
find_package(fmt 9 REQUIRED CONFIG)
find_package(spdlog 1.10 REQUIRED CONFIG)
find_package(CLI11 2.1 REQUIRED CONFIG)
find_package(xxHash REQUIRED)
find_package(RocksDB 7.8 REQUIRED CONFIG)
find_package(Httplib REQUIRED)

if(WEIR_TESTS)
  find_package(Catch2 REQUIRED CONFIG)
  find_package(rapidcheck REQUIRED CONFIG)
  find_package(benchmark CONFIG)
endif()

# Report of a mix-up that only shows as false reports at run time.
if(WEIR_SANITIZE MATCHES "thread" AND NOT CAF_LIBRARY_CORE MATCHES "^${CAF_ROOT}/")
  message(FATAL_ERROR "the thread sanitizer needs CAF's core instrumented in CAF_ROOT=${CAF_ROOT}: "
    "run cmake/tsan_caf.sh first, or use ./tests/run --preset tsan, which does")
endif()
