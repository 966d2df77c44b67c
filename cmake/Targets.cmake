# How Muster's targets are made, so that every one has the same flags and the same layout.

# Flags that every target of ours has; generated code has none of them.
add_library(muster_flags INTERFACE)
target_compile_options(muster_flags INTERFACE -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion
  # Options structs are filled by name, and the other fields have their defaults.
  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(muster_flags INTERFACE -Wthread-safety)
else()
  # GCC 12 sees overlapping copies in std::string's operator+ where there are none (its bug 105651).
  target_compile_options(muster_flags INTERFACE -Wno-restrict)
endif()
if(MUSTER_WERROR)
  target_compile_options(muster_flags INTERFACE -Werror)
endif()
if(MUSTER_SANITIZE)
  add_compile_options(-fsanitize=${MUSTER_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${MUSTER_SANITIZE})
  if(MUSTER_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
if(MUSTER_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()

# muster_library(NAME SOURCES ... [PUBLIC targets that its headers include] [PRIVATE other targets])
#
# One folder, one library. What a library may include is what it links: the link line is the layering.
function(muster_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(muster_${name} STATIC ${ARG_SOURCES})
  add_library(muster::${name} ALIAS muster_${name})
  target_include_directories(muster_${name} PUBLIC "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(muster_${name} PUBLIC ${ARG_PUBLIC} PRIVATE muster_flags ${ARG_PRIVATE})
endfunction()

# muster_program(NAME SOURCES ... LINKS ...): an executable in MUSTER_BIN_DIR.
function(muster_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(${name} PRIVATE muster_flags ${ARG_LINKS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${MUSTER_BIN_DIR}")
endfunction()
