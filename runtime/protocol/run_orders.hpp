// What a server and a worker that knows a plan say to each other about a detached run of it.
//
// A *visit* is a job in which the worker walks the plan from one node, with what has come there, until every way leads to a
// call, to a frame where others are waited for, or to the end. The *orders* that it answers with say what these are. They
// name no run and no frame of the server's: a worker can only speak of the place it was sent to, and of what it opens
// itself. So a message is as large as what it is about, however deep the plan.
//
// All numbers are little-endian; texts and bytes have their size, a u32, in front.
//   visit   'S' 'V' version  kind u8   node u32  tried u32  request bytes  data: all the rest
//   parts   (the data of a visit of that kind) for each: kind u8  node u32  bytes
//   orders  'S' 'O' version  end u8    its bytes  why bytes
//           frames u32, for each: place  gate u32  rule u8  parts u32
//           calls u32, for each:  place  node u32  priority u8  flags u8  tried u32  delay in ms u64  function  payload
//           parts u32, for each:  place  is there u8  bytes
//   place   frame u32  slot u32
// Version is 1. A frame of 0 is the visit's own place, n is the n-th frame that the orders open.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/packet.hpp"
#include "sheaf/runtime/error.hpp"

namespace sheaf::protocol {

/// What has come to the node of a visit.
enum class visit_kind : std::uint8_t {
    item,       ///< an item, which the node has not seen
    answer,     ///< WORK_COMPLETE of the node's call
    exception,  ///< its WORK_EXCEPTION
    failed,     ///< its WORK_FAIL
    lost,       ///< nothing from a worker; the data is the server's sentence
    parts,      ///< the parts of a frame, complete
};

struct run_visit {
    visit_kind kind = visit_kind::item;
    std::uint32_t node = 0;
    std::uint32_t tried = 0;     ///< attempts at the call that had failed before this one
    std::string_view request{};  ///< the call's payload; of answers only when it was asked for
    std::string_view data{};
};

/// All of a visit but its data, which follows.
[[nodiscard]] std::string write_visit_head(const run_visit& visit);
/// Refuses, as malformed, what is no visit or one that this version does not know. The views are into `bytes`.
[[nodiscard]] basic_result<run_visit> read_visit(std::string_view bytes);

/// A part of a frame, in the data of a visit.
struct frame_part {
    bool is_answer = false;  ///< WORK_COMPLETE of the call at `node`, as it came; else an item
    std::uint32_t node = 0;
    std::string_view bytes{};
};
void append_part(std::string& to, const frame_part& part);
[[nodiscard]] basic_result<std::vector<frame_part>> read_parts(std::string_view data);

/// Where something goes that a visit leads to.
struct order_place {
    std::uint32_t frame = 0;  ///< 0: the visit's own place; else the n-th frame of the orders, from 1
    std::uint32_t slot = 0;   ///< which of the frame's parts; means nothing with frame 0
};

/// What becomes of a frame of which a part will never come.
enum class frame_rule : std::uint8_t {
    leave_out,  ///< it is complete without
    all,        ///< it will never come itself: calls of its other parts are dropped
};

struct order_frame {
    order_place whole{};     ///< where goes what the parts make
    std::uint32_t gate = 0;  ///< the node that makes it
    frame_rule rule = frame_rule::leave_out;
    std::uint32_t parts = 0;
};

struct order_call {
    order_place place{};
    std::uint32_t node = 0;
    priority urgency = priority::normal;
    bool answer_is_part = false;  ///< what it answers is a part as it is, and needs no visit
    bool wants_request = false;   ///< the visit with its answer needs its payload
    std::uint32_t tried = 0;
    std::uint64_t delay_ms = 0;
    std::string_view function{};
    std::string_view payload{};
};

struct order_part {
    order_place place{};
    bool is_there = false;  ///< else it will never come
    std::string_view bytes{};
};

enum class run_end : std::uint8_t {
    none,     ///< the run goes on
    value,    ///< the bytes are what the plan gives, encoded
    failure,  ///< the bytes are a failure report
    nothing,  ///< the item was dropped on its way
};

struct run_orders {
    run_end end = run_end::none;
    std::string_view outcome{};
    std::string_view why{};  ///< of a failure: a sentence for people, who cannot read the report
    std::vector<order_frame> frames{};
    std::vector<order_call> calls{};
    std::vector<order_part> parts{};
};

[[nodiscard]] std::string write_orders(const run_orders& orders);
/// Refuses, as malformed, what is no list of orders, and orders by which the run could not come to an end: each slot of each
/// frame, and the visit's own place unless the run ends, must have exactly one thing that goes there. The views are into `bytes`.
[[nodiscard]] basic_result<run_orders> read_orders(std::string_view bytes);

}  // namespace sheaf::protocol
