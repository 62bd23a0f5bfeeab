# Finds CAF's core: target CAF::core, CAF_VERSION, CAF_LIBRARY_CORE. CAF from 0.18 on brings its
# own CMake package and is taken from there; Debian's 0.17.6 has none and is found by its files.
# CAF_ROOT names an installation to prefer (the thread-sanitizer build uses it).
if(CAF_FIND_VERSION AND NOT TARGET CAF::core)
  find_package(CAF ${CAF_FIND_VERSION} CONFIG QUIET COMPONENTS core)
endif()

if(TARGET CAF::core)
  get_target_property(CAF_LIBRARY_CORE CAF::core LOCATION)
  get_target_property(CAF_INCLUDE_DIR CAF::core INTERFACE_INCLUDE_DIRECTORIES)
else()
  if(CAF_ROOT)
    set(_caf_only NO_DEFAULT_PATH)
  endif()
  find_path(CAF_INCLUDE_DIR caf/config.hpp HINTS "${CAF_ROOT}/include" ${_caf_only})
  find_library(CAF_LIBRARY_CORE caf_core
    HINTS "${CAF_ROOT}/lib" "${CAF_ROOT}/${CMAKE_INSTALL_LIBDIR}" ${_caf_only})
  unset(_caf_only)
  if(CAF_INCLUDE_DIR)
    # CAF_VERSION is major * 10000 + minor * 100 + patch.
    file(STRINGS "${CAF_INCLUDE_DIR}/caf/config.hpp" _caf_line REGEX "#define CAF_VERSION [0-9]+")
    string(REGEX MATCH "[0-9]+" _caf_number "${_caf_line}")
    if(_caf_number)
      math(EXPR _caf_major "${_caf_number} / 10000")
      math(EXPR _caf_minor "${_caf_number} / 100 % 100")
      math(EXPR _caf_patch "${_caf_number} % 100")
      set(CAF_VERSION "${_caf_major}.${_caf_minor}.${_caf_patch}")
    endif()
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CAF
  REQUIRED_VARS CAF_LIBRARY_CORE CAF_INCLUDE_DIR VERSION_VAR CAF_VERSION
  REASON_FAILURE_MESSAGE "on Debian: apt-get install libcaf-dev")

if(CAF_FOUND AND NOT TARGET CAF::core)
  find_package(Threads REQUIRED)
  add_library(CAF::core SHARED IMPORTED)
  set_target_properties(CAF::core PROPERTIES
    IMPORTED_LOCATION "${CAF_LIBRARY_CORE}"
    INTERFACE_INCLUDE_DIRECTORIES "${CAF_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES Threads::Threads)
endif()
mark_as_advanced(CAF_INCLUDE_DIR CAF_LIBRARY_CORE)
