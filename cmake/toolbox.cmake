# How Weir's own code is compiled: language, warnings, sanitizers, and the build's accelerators.
# Invariant: warnings apply to our targets only, through the interface target `weir_warnings`.
set(CMAKE_CXX_EXTENSIONS OFF)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

add_library(weir_warnings INTERFACE)
target_compile_options(weir_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wcast-qual -Wextra-semi -Wredundant-move
  # GCC 12 reports these falsely when it inlines std::string and std::optional (PR105651, PR105562);
  # what they look for, the sanitizer presets find.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-array-bounds -Wno-maybe-uninitialized
  -Wno-stringop-overflow -Wno-stringop-overread>)
if(WEIR_WERROR)
  target_compile_options(weir_warnings INTERFACE -Werror)
endif()

if(WEIR_SANITIZE)
  add_compile_options(-fsanitize=${WEIR_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${WEIR_SANITIZE})
endif()

if(PROJECT_IS_TOP_LEVEL)
  find_program(WEIR_CCACHE ccache)
  if(WEIR_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # The sloppiness is what ccache asks for to share results between precompiled headers.
    set(CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND}" -E env "CCACHE_SLOPPINESS=pch_defines,time_macros" "${WEIR_CCACHE}")
  endif()
  find_program(WEIR_MOLD mold)
  if(WEIR_MOLD)
    add_link_options(-fuse-ld=mold)
  endif()
endif()

# weir_precompile(<target> <header>...): headers that nearly every source of the target includes.
# CAF's take 1.2 of a source's 2.6 s, Catch2's 0.6 s of each test. -fpch-preprocess is for ccache.
function(weir_precompile target)
  target_precompile_headers(${target} PRIVATE ${ARGN})
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endfunction()
set(WEIR_CAF_HEADERS
  <caf/actor_system.hpp> <caf/actor_system_config.hpp> <caf/event_based_actor.hpp> <caf/send.hpp>)
