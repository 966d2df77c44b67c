# muster_static_program(NAME SOURCES ... LIBRARIES our libraries ARCHIVES names of others' libraries
#   PACKAGES pkg-config modules)
#
# A program that needs nothing but a kernel, so that it can be the only file of an image. The targets
# of CMake's packages stand for shared libraries, so none of them is used: LIBRARIES are linked without
# what they link themselves, and all that is missing then has to be in ARCHIVES or PACKAGES. A library
# that holds more than the program uses may thus need a package that the program does not have.
# Sanitizers and coverage cannot be linked so: with them it is an ordinary program.
function(muster_static_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES;ARCHIVES;PACKAGES" ${ARGN})
  if(MUSTER_SANITIZE OR MUSTER_COVERAGE)
    list(TRANSFORM ARG_LIBRARIES PREPEND muster::)
    muster_program(${name} SOURCES ${ARG_SOURCES} LINKS ${ARG_LIBRARIES})
    return()
  endif()
  # A function sees its caller's variables.
  set(files "")
  set(targets "")
  foreach(archive ${ARG_ARCHIVES})
    find_library(MUSTER_ARCHIVE_${archive} NAMES lib${archive}.a REQUIRED)
    list(APPEND files "${MUSTER_ARCHIVE_${archive}}")
  endforeach()
  foreach(library ${ARG_LIBRARIES})
    list(APPEND files "$<TARGET_FILE:muster_${library}>")
    list(APPEND targets muster_${library})
  endforeach()
  pkg_check_modules(MUSTER_STATIC_${name} REQUIRED QUIET ${ARG_PACKAGES})
  muster_program(${name} SOURCES ${ARG_SOURCES}
    LINKS -static -Wl,--start-group ${files} -Wl,--end-group ${MUSTER_STATIC_${name}_STATIC_LDFLAGS})
  add_dependencies(${name} ${targets})
  set_target_properties(${name} PROPERTIES LINK_DEPENDS "${files}")
endfunction()
