# The library as others link it: store and engine in one archive, and in one shared library that shows
# only what its public headers name. recant::recant is the one to link where it does not matter.
set(RECANT_OBJECTS $<TARGET_OBJECTS:recant_store> $<TARGET_OBJECTS:recant_engine>)
set(RECANT_LIBRARIES fmt::fmt simdjson::simdjson ZLIB::ZLIB BZip2::BZip2 CURL::libcurl OpenSSL::Crypto PkgConfig::LMDB
    PkgConfig::ZSTD PkgConfig::XXHASH Threads::Threads csv)
# The ABI of the C interface: a new number where something that was there changes.
set(RECANT_SOVERSION 0)

add_library(recant_static STATIC ${RECANT_OBJECTS})
add_library(recant_shared SHARED ${RECANT_OBJECTS})
target_link_options(recant_shared PRIVATE -Wl,--version-script=${PROJECT_SOURCE_DIR}/engine/c/exports.map
                    -Wl,--no-undefined)
set_property(TARGET recant_shared APPEND PROPERTY LINK_DEPENDS ${PROJECT_SOURCE_DIR}/engine/c/exports.map)
set_target_properties(recant_shared PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${RECANT_SOVERSION})
foreach(kind static shared)
  set_target_properties(recant_${kind} PROPERTIES OUTPUT_NAME recant EXPORT_NAME ${kind} LINKER_LANGUAGE CXX
                        ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
  target_link_libraries(recant_${kind} PRIVATE ${RECANT_LIBRARIES})
  target_include_directories(recant_${kind} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/engine/include>
                             $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/store/include> $<INSTALL_INTERFACE:include>)
  add_library(recant::${kind} ALIAS recant_${kind})
endforeach()
if(RECANT_SANITIZE)
  target_link_options(recant_shared PRIVATE -fsanitize=${RECANT_SANITIZE})
  set_property(TARGET recant_shared PROPERTY LINK_OPTIONS -Wl,--version-script=${PROJECT_SOURCE_DIR}/engine/c/exports.map
               -fsanitize=${RECANT_SANITIZE})  # the sanitizer's own symbols come with the program
endif()
add_library(recant::recant ALIAS recant_shared)
