// Writes packets straight into an output buffer. How many arguments a packet has is checked by the compiler.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "base/assert.hpp"
#include "protocol/output_buffer.hpp"
#include "protocol/packet.hpp"

namespace sheaf::protocol {
namespace detail {

inline void put_u32(char* at, std::uint32_t value) noexcept {
    at[0] = static_cast<char>(value >> 24);
    at[1] = static_cast<char>(value >> 16);
    at[2] = static_cast<char>(value >> 8);
    at[3] = static_cast<char>(value);
}

inline char* put_header(char* at, direction way, packet_type type, std::size_t size) noexcept {
    SHEAF_ASSERT(size <= std::numeric_limits<std::uint32_t>::max(), "a packet is below 4 GiB");
    std::memcpy(at, magic(way).data(), magic(way).size());
    put_u32(at + 4, static_cast<std::uint32_t>(type));
    put_u32(at + 8, static_cast<std::uint32_t>(size));
    return at + header_size;
}

inline char* put_bytes(char* at, std::string_view bytes) noexcept {
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    return at + bytes.size();
}

// Arguments, each but a last one without data followed by a NUL; `trailing` bytes of data come after them.
template <packet_type Type, std::size_t N>
void write_arguments(output_buffer& out, direction way, const std::array<std::string_view, N>& arguments,
                     std::string_view inline_data, std::size_t referenced_data) {
    constexpr std::size_t nuls = terminated_arguments(info(Type));
    std::size_t size = nuls + inline_data.size();
    for (const std::string_view argument : arguments) size += argument.size();
    char* at = put_header(out.extend(header_size + size), way, Type, size + referenced_data);
    for (std::size_t i = 0; i < N; ++i) {
        at = put_bytes(at, arguments[i]);
        if (i < nuls) *at++ = '\0';
    }
    put_bytes(at, inline_data);
}

}  // namespace detail

// Arguments must hold no NUL, which ends them on the wire: the reader never delivers one, callers check what users give.

/// Appends a packet of `Type` without data: write<packet_type::can_do>(out, direction::request, "reverse").
template <packet_type Type, class... Arguments>
    requires(!info(Type).has_data && sizeof...(Arguments) == info(Type).arguments)
void write(output_buffer& out, direction way, const Arguments&... arguments) {
    detail::write_arguments<Type, sizeof...(Arguments)>(out, way, {std::string_view(arguments)...}, {}, 0);
}

/// Appends a packet of `Type` with data, which comes last: write<packet_type::work_complete>(out, way, handle, bytes).
/// The data is anything that converts to std::string_view, or shared_bytes, which are not copied when they are large.
template <packet_type Type, class... ArgumentsAndData>
    requires(info(Type).has_data && sizeof...(ArgumentsAndData) == info(Type).arguments + 1)
void write(output_buffer& out, direction way, const ArgumentsAndData&... arguments_and_data) {
    constexpr std::size_t count = sizeof...(ArgumentsAndData) - 1;
    const auto all = std::tie(arguments_and_data...);
    const auto& data = std::get<count>(all);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        const std::array<std::string_view, count> arguments{std::string_view(std::get<I>(all))...};
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(data)>, shared_bytes>) {
            const bool by_reference = data.size() >= output_buffer::reference_threshold;
            detail::write_arguments<Type, count>(out, way, arguments, by_reference ? std::string_view{} : data.view(),
                                                 by_reference ? data.size() : 0);
            if (by_reference) out.append(data);
        } else {
            detail::write_arguments<Type, count>(out, way, arguments, std::string_view(data), 0);
        }
    }(std::make_index_sequence<count>{});
}

/// A packet from a client or worker to the server.
template <packet_type Type, class... Parts>
void write_request(output_buffer& out, const Parts&... parts) {
    static_assert(includes(info(Type).from, sender::peer) || includes(info(Type).from, sender::client) ||
                      includes(info(Type).from, sender::worker),
                  "only clients and workers send requests");
    write<Type>(out, direction::request, parts...);
}

/// A packet from the server to a client or worker.
template <packet_type Type, class... Parts>
void write_response(output_buffer& out, const Parts&... parts) {
    static_assert(includes(info(Type).from, sender::server), "only the server sends responses");
    write<Type>(out, direction::response, parts...);
}

}  // namespace sheaf::protocol
