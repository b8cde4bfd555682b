# What a user of Sheaf gets: sheaf::sheaf to link, and the CMake package.

include(CMakePackageConfigHelpers)

# sheaf::sheaf: every module, for those who do not want to choose. It exists from here on, so that programs may name it;
# sheaf_umbrella() fills it when all modules are known.
add_library(sheaf_sheaf INTERFACE)
add_library(sheaf::sheaf ALIAS sheaf_sheaf)
set_target_properties(sheaf_sheaf PROPERTIES EXPORT_NAME sheaf)

function(sheaf_umbrella)
    get_property(libraries GLOBAL PROPERTY SHEAF_LIBRARIES)
    list(TRANSFORM libraries REPLACE "^sheaf_" "sheaf::")
    target_link_libraries(sheaf_sheaf INTERFACE ${libraries})
endfunction()

function(sheaf_install)
    get_property(libraries GLOBAL PROPERTY SHEAF_LIBRARIES)
    set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/Sheaf")

    install(TARGETS ${libraries} sheaf_sheaf sheaf_boost_asio sheaf_cereal sheaf_xxhash
        EXPORT SheafTargets
        ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
    install(EXPORT SheafTargets NAMESPACE sheaf:: DESTINATION "${package_dir}")
    foreach(root IN ITEMS runtime framework)
        if(EXISTS "${PROJECT_SOURCE_DIR}/${root}/include")
            install(DIRECTORY "${PROJECT_SOURCE_DIR}/${root}/include/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
        endif()
    endforeach()
    foreach(program IN ITEMS sheafd sheaf)
        if(TARGET ${program})
            install(TARGETS ${program} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
        endif()
    endforeach()

    configure_package_config_file("${PROJECT_SOURCE_DIR}/.cmake/SheafConfig.cmake.in"
        "${PROJECT_BINARY_DIR}/SheafConfig.cmake"
        INSTALL_DESTINATION "${package_dir}"
        NO_SET_AND_CHECK_MACRO)
    write_basic_package_version_file("${PROJECT_BINARY_DIR}/SheafConfigVersion.cmake"
        COMPATIBILITY SameMinorVersion) # before 1.0 a minor version may break
    install(FILES "${PROJECT_BINARY_DIR}/SheafConfig.cmake" "${PROJECT_BINARY_DIR}/SheafConfigVersion.cmake"
        DESTINATION "${package_dir}")
endfunction()
