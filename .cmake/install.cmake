# cmake --install: four components (lib, dev, cli, python), one Debian package each.
# What installs or packs a build does not build it.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(RECANT_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/recant)

install(TARGETS recant_shared EXPORT recant-shared
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT lib NAMELINK_COMPONENT dev)
install(TARGETS recant_static EXPORT recant-static ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev)
install(DIRECTORY engine/include/recant store/include/recant DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev)
foreach(kind shared static)
  install(EXPORT recant-${kind} NAMESPACE recant:: DESTINATION ${RECANT_CMAKE_DIR} COMPONENT dev)
endforeach()
configure_package_config_file(.cmake/recantConfig.cmake.in ${PROJECT_BINARY_DIR}/recantConfig.cmake
                              INSTALL_DESTINATION ${RECANT_CMAKE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/recantConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/recantConfig.cmake ${PROJECT_BINARY_DIR}/recantConfigVersion.cmake
        DESTINATION ${RECANT_CMAKE_DIR} COMPONENT dev)
# Wherever it is installed: from its own place.
file(RELATIVE_PATH RECANT_PC_TO_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(.cmake/recant.pc.in recant.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/recant.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)

if(RECANT_CLI)
  install(TARGETS recant RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT cli)
endif()

# Debian's python3 looks here; nothing is compiled.
install(DIRECTORY engine/python/recant DESTINATION lib/python3/dist-packages COMPONENT python
        FILES_MATCHING PATTERN "*.py" PATTERN py.typed)
