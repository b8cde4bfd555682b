# Third-party packages. What they offer to our targets:
#
#   Threads::Threads  Boost::headers  Boost::json  TBB::tbb  spdlog::spdlog  fmt::fmt
#   CLI11::CLI11      (with programs to build)
#   PNG::PNG          (with examples or tests to build)
#   sheaf::asio       Boost.Asio, compiled once
#   sheaf::cereal     cereal's headers
#   sheaf::xxhash     libxxhash
#   sheaf::zstd       libzstd
#   ZLIB::ZLIB        zlib
#   SQLite::SQLite3   SQLite
#   OpenSSL's headers (OPENSSL_INCLUDE_DIR): the library is loaded when it is needed; tests link it
#   GTest::gtest_main GTest::gmock   (with SHEAF_BUILD_TESTS)
#
# A package that a library links must also be known to SheafInstall.cmake, which tells users of the installed one.

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(TBB REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLite3 3.37 REQUIRED) # has STRICT tables
find_package(OpenSSL REQUIRED)
if(SHEAF_BUILD_TOOLS OR SHEAF_BUILD_EXAMPLES OR SHEAF_BUILD_TESTS)
    find_package(CLI11 REQUIRED)
endif()
if(SHEAF_BUILD_EXAMPLES OR SHEAF_BUILD_TESTS) # the tests run the examples
    find_package(PNG REQUIRED)
endif()
if(SHEAF_BUILD_TESTS AND NOT SHEAF_FUZZ)
    find_package(GTest REQUIRED)
endif()

include(sheaf-packages)
foreach(package IN ITEMS cereal::cereal xxHash::xxhash zstd::zstd)
    if(NOT TARGET ${package})
        message(FATAL_ERROR "${package} was not found. Install it, or add where it is to CMAKE_PREFIX_PATH.")
    endif()
endforeach()
add_library(sheaf::cereal ALIAS cereal::cereal)
add_library(sheaf::xxhash ALIAS xxHash::xxhash)
add_library(sheaf::zstd ALIAS zstd::zstd)

# Asio's implementation is compiled here and nowhere else: every other file sees declarations only.
add_library(sheaf_boost_asio STATIC "${PROJECT_SOURCE_DIR}/runtime/net/asio_impl.cpp")
add_library(sheaf::asio ALIAS sheaf_boost_asio)
set_target_properties(sheaf_boost_asio PROPERTIES EXPORT_NAME asio POSITION_INDEPENDENT_CODE ON)
target_compile_features(sheaf_boost_asio PUBLIC cxx_std_20)
set_target_properties(sheaf_boost_asio PROPERTIES SHEAF_OWN_CODE ON)
target_compile_definitions(sheaf_boost_asio PUBLIC
    BOOST_ASIO_SEPARATE_COMPILATION
    # Not for users: their code may use what Asio has deprecated.
    $<$<BOOL:$<TARGET_PROPERTY:SHEAF_OWN_CODE>>:BOOST_ASIO_NO_DEPRECATED>)
target_link_libraries(sheaf_boost_asio PUBLIC Boost::headers Threads::Threads)
