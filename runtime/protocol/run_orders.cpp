#include "protocol/run_orders.hpp"

#include <concepts>
#include <limits>
#include <optional>

#include "base/assert.hpp"

namespace sheaf::protocol {
namespace {

constexpr char version = 1;

template <std::unsigned_integral Number>
void put(std::string& to, Number number) {
    for (std::size_t i = 0; i < sizeof(Number); ++i) to.push_back(static_cast<char>(number >> (8 * i) & 0xff));
}

void put_bytes(std::string& to, std::string_view bytes) {
    SHEAF_ASSERT(bytes.size() <= std::numeric_limits<std::uint32_t>::max(), "a payload is below 4 GiB");
    put(to, static_cast<std::uint32_t>(bytes.size()));
    to.append(bytes);
}

void put_place(std::string& to, const order_place& place) {
    put(to, place.frame);
    put(to, place.slot);
}

template <class Item>
void put_count(std::string& to, const std::vector<Item>& of) {
    SHEAF_ASSERT(of.size() <= std::numeric_limits<std::uint32_t>::max(), "orders are below 4 GiB");
    put(to, static_cast<std::uint32_t>(of.size()));
}

/// Takes fields off the front. After the first that is not there, everything is zero or empty.
class field_reader {
  public:
    explicit field_reader(std::string_view bytes) : rest_(bytes) {}

    template <std::unsigned_integral Number>
    Number number() {
        const std::string_view raw = take(sizeof(Number));
        Number made = 0;
        for (std::size_t i = raw.size(); i-- > 0;) {
            made = static_cast<Number>(made << 8 | static_cast<unsigned char>(raw[i]));
        }
        return made;
    }
    std::string_view bytes() { return take(number<std::uint32_t>()); }
    template <class Enum>
    Enum one_of(Enum last) {
        const auto value = number<std::uint8_t>();
        if (value > static_cast<std::uint8_t>(last)) ok_ = false;
        return static_cast<Enum>(value);
    }
    order_place place() {
        const auto frame = number<std::uint32_t>();
        return {frame, number<std::uint32_t>()};
    }
    std::string_view rest() { return take(rest_.size()); }
    void expect(char byte) { ok_ = take(1) == std::string_view(&byte, 1) && ok_; }

    [[nodiscard]] bool ok() const noexcept { return ok_; }
    [[nodiscard]] bool at_end() const noexcept { return ok_ && rest_.empty(); }

  private:
    std::string_view take(std::size_t size) {
        if (!ok_ || size > rest_.size()) {
            ok_ = false;
            return {};
        }
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }

    std::string_view rest_;
    bool ok_ = true;
};

error malformed(std::string what) { return {errc::malformed, std::move(what)}; }

constexpr std::uint8_t answer_is_part_bit = 1;
constexpr std::uint8_t wants_request_bit = 2;

order_call read_call(field_reader& from) {
    order_call call;
    call.place = from.place();
    call.node = from.number<std::uint32_t>();
    call.urgency = from.one_of(priority::low);
    const auto flags = from.number<std::uint8_t>();
    call.answer_is_part = (flags & answer_is_part_bit) != 0;
    call.wants_request = (flags & wants_request_bit) != 0;
    call.tried = from.number<std::uint32_t>();
    call.delay_ms = from.number<std::uint64_t>();
    call.function = from.bytes();
    call.payload = from.bytes();
    return call;
}

void put_call(std::string& to, const order_call& call) {
    put_place(to, call.place);
    put(to, call.node);
    put(to, static_cast<std::uint8_t>(call.urgency));
    put(to, static_cast<std::uint8_t>((call.answer_is_part ? answer_is_part_bit : 0) |
                                      (call.wants_request ? wants_request_bit : 0)));
    put(to, call.tried);
    put(to, call.delay_ms);
    put_bytes(to, call.function);
    put_bytes(to, call.payload);
}

/// Who goes where: each place is to be taken once.
class seating {
  public:
    /// False when there are more places than could be taken.
    bool open(const run_orders& orders) {
        const std::size_t things = orders.frames.size() + orders.calls.size() + orders.parts.size();
        taken_.assign(1, std::vector<bool>(1));
        std::size_t places = 1;
        for (const order_frame& one : orders.frames) {
            places += one.parts;
            if (one.parts == 0 || places > things) return false;
            taken_.emplace_back(one.parts);
        }
        free_ = places;
        return true;
    }
    bool seat(const order_place& place, std::size_t frames_known) {
        if (place.frame > frames_known) return false;
        std::vector<bool>& row = taken_[place.frame];
        const std::size_t slot = place.frame == 0 ? 0 : place.slot;
        if (slot >= row.size() || row[slot]) return false;
        row[slot] = true;
        --free_;
        return true;
    }
    [[nodiscard]] bool all_taken() const noexcept { return free_ == 0; }

  private:
    std::vector<std::vector<bool>> taken_;
    std::size_t free_ = 0;
};

bool are_seated(const run_orders& orders) {
    seating seats;
    if (!seats.open(orders)) return false;
    for (std::size_t i = 0; i < orders.frames.size(); ++i) {
        if (!seats.seat(orders.frames[i].whole, i)) return false;  // a frame is in one that was opened before it
    }
    for (const order_call& one : orders.calls) {
        if (!seats.seat(one.place, orders.frames.size())) return false;
    }
    for (const order_part& one : orders.parts) {
        if (!seats.seat(one.place, orders.frames.size())) return false;
    }
    return seats.all_taken();
}

bool lead_somewhere(const run_orders& orders) {
    if (orders.end == run_end::none) return are_seated(orders);
    return orders.frames.empty() && orders.calls.empty() && orders.parts.empty();
}

}  // namespace

std::string write_visit_head(const run_visit& visit) {
    std::string head{'S', 'V', version, static_cast<char>(visit.kind)};
    put(head, visit.node);
    put(head, visit.tried);
    put_bytes(head, visit.request);
    return head;
}

basic_result<run_visit> read_visit(std::string_view bytes) {
    field_reader from(bytes);
    for (const char byte : {'S', 'V', version}) from.expect(byte);
    run_visit visit;
    visit.kind = from.one_of(visit_kind::parts);
    visit.node = from.number<std::uint32_t>();
    visit.tried = from.number<std::uint32_t>();
    visit.request = from.bytes();
    visit.data = from.rest();
    if (!from.ok()) return malformed("the job is no visit of a detached run that this version knows");
    return visit;
}

void append_part(std::string& to, const frame_part& part) {
    put(to, static_cast<std::uint8_t>(part.is_answer ? 1 : 0));
    put(to, part.node);
    put_bytes(to, part.bytes);
}

basic_result<std::vector<frame_part>> read_parts(std::string_view data) {
    field_reader from(data);
    std::vector<frame_part> parts;
    while (from.ok() && !from.at_end()) {
        frame_part one;
        one.is_answer = from.number<std::uint8_t>() == 1;
        one.node = from.number<std::uint32_t>();
        one.bytes = from.bytes();
        parts.push_back(one);
    }
    if (!from.ok()) return malformed("the parts of a frame of a detached run are cut off");
    return parts;
}

std::string write_orders(const run_orders& orders) {
    std::string made{'S', 'O', version, static_cast<char>(orders.end)};
    put_bytes(made, orders.outcome);
    put_bytes(made, orders.why);
    put_count(made, orders.frames);
    for (const order_frame& one : orders.frames) {
        put_place(made, one.whole);
        put(made, one.gate);
        put(made, static_cast<std::uint8_t>(one.rule));
        put(made, one.parts);
    }
    put_count(made, orders.calls);
    for (const order_call& one : orders.calls) put_call(made, one);
    put_count(made, orders.parts);
    for (const order_part& one : orders.parts) {
        put_place(made, one.place);
        put(made, static_cast<std::uint8_t>(one.is_there ? 1 : 0));
        put_bytes(made, one.bytes);
    }
    return made;
}

basic_result<run_orders> read_orders(std::string_view bytes) {
    field_reader from(bytes);
    for (const char byte : {'S', 'O', version}) from.expect(byte);
    run_orders orders;
    orders.end = from.one_of(run_end::nothing);
    orders.outcome = from.bytes();
    orders.why = from.bytes();
    for (auto left = from.number<std::uint32_t>(); from.ok() && left != 0; --left) {
        order_frame one;
        one.whole = from.place();
        one.gate = from.number<std::uint32_t>();
        one.rule = from.one_of(frame_rule::all);
        one.parts = from.number<std::uint32_t>();
        orders.frames.push_back(one);
    }
    for (auto left = from.number<std::uint32_t>(); from.ok() && left != 0; --left) {
        orders.calls.push_back(read_call(from));
    }
    for (auto left = from.number<std::uint32_t>(); from.ok() && left != 0; --left) {
        order_part one;
        one.place = from.place();
        one.is_there = from.number<std::uint8_t>() == 1;
        one.bytes = from.bytes();
        orders.parts.push_back(one);
    }
    if (!from.at_end()) return malformed("the answer of a visit is no list of orders that this version knows");
    if (!lead_somewhere(orders)) {
        return malformed("the orders of a visit do not name each place once: the run would never end");
    }
    return orders;
}

}  // namespace sheaf::protocol
