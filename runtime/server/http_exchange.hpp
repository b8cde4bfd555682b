// One connection of HTTP: requests become jobs, and what the broker says of a job becomes its answer. Pure: bytes, packets
// and time come in; bytes, packets and the wish to close go out.
//
// A request is begun when the answer to the one before it has been sent. While a job is out the peer is not listened to:
// what it sends meanwhile waits in the system, which makes it wait in turn.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/output_buffer.hpp"
#include "protocol/packet.hpp"
#include "server/http_answer.hpp"
#include "server/http_request.hpp"

namespace sheaf::server {

/// What is around an exchange.
class http_surroundings {
  public:
    virtual ~http_surroundings() = default;
    /// Gives the broker a packet. What it says to it comes by http_exchange::packet(), later.
    virtual void submit(const protocol::packet_view& packet) = 0;
    /// Where bytes for the peer are written.
    [[nodiscard]] virtual protocol::output_buffer& wire() = 0;
    /// Close when all was sent that was written.
    virtual void close_after_flush(std::string reason) = 0;
    /// Close at once.
    virtual void cut(std::string reason) = 0;
};

class http_exchange {
  public:
    using time_point = std::chrono::steady_clock::time_point;
    /// Both clocks: one for deadlines, one for the Date.
    struct instant {
        time_point steady;
        std::chrono::system_clock::time_point wall;
    };

    /// How long a connection may be there without a request.
    static constexpr std::chrono::seconds idle_max{60};
    /// How long the peer may take for a request, or to read an answer: this, and a second for every so many bytes.
    static constexpr std::chrono::seconds patience{20};
    static constexpr std::uint64_t bytes_per_second_min = 16 * 1024;
    /// How long, and how much, is read on from a peer whose request was refused, so that it gets to see the answer.
    static constexpr std::chrono::seconds discard_time{2};
    static constexpr std::size_t discard_bytes_max = std::size_t{4} << 20;

    http_exchange(http_surroundings& around, std::uint32_t body_bytes_max, instant now)
        : around_(around), body_bytes_max_(body_bytes_max), reader_(body_bytes_max), since_(now.steady) {}

    void received(std::string_view bytes, instant now);
    void packet(const protocol::packet_view& packet, instant now);
    /// All that was written has been sent.
    void drained(instant now);
    /// Whether bytes of the peer are wanted now. What comes nevertheless is kept.
    [[nodiscard]] bool wants_input() const noexcept;

    /// When tick() is to be called; time_point::max() while a job runs.
    [[nodiscard]] time_point deadline() const noexcept;
    void tick(instant now);

  private:
    enum class phase : std::uint8_t {
        reading,     ///< a request, or nothing yet
        working,     ///< a job is out
        sending,     ///< the answer is being sent
        discarding,  ///< a request was refused, and the peer is to close the connection
        over,
    };

    void read_on(std::string_view bytes, instant now);
    void begin(instant now);
    void created(std::string_view handle, instant now);
    void data(const protocol::packet_view& packet, instant now);
    void completed(const protocol::packet_view& packet, instant now);
    void failed(const protocol::packet_view& packet, instant now);
    void not_taken(const protocol::packet_view& packet, instant now);

    void refuse(const http_refusal& why, instant now);
    void answer(http_answer head, const shared_bytes& body, instant now);
    void answer_in_words(unsigned status, std::string_view command, std::string_view words, instant now);
    void put_chunk(const shared_bytes& data);
    void finish(instant now);

    http_surroundings& around_;
    std::uint32_t body_bytes_max_;
    http_request_reader reader_;
    std::string input_;  ///< what came while it was not wanted
    phase phase_ = phase::reading;
    time_point since_;        ///< of the phase; while reading, of the first byte if there is one
    std::uint64_t sent_ = 0;  ///< bytes of the answer
    std::size_t discarded_ = 0;
    http_request request_;
    std::string handle_;      ///< of the job that is out; empty: not known yet
    bool in_chunks_ = false;  ///< the answer has begun, with WORK_DATA
    std::string collected_;   ///< WORK_DATA for a peer that does not know chunks
    std::uint64_t collected_size_ = 0;
};

}  // namespace sheaf::server
