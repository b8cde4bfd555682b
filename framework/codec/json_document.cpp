// JSON text into nodes, by Boost.JSON's parser.
#include <functional>
#include <limits>
#include <string>

#include <boost/json/basic_parser_impl.hpp>

#include <sheaf/detail/json_reader.hpp>

namespace sheaf::detail {
namespace {

// A value may be nested as deep as the limit says within {"args":[...]}.
constexpr std::size_t depth_of_wrapping = 2;

/// Receives what the parser finds.
class node_builder {
  public:
    using view = boost::json::string_view;
    using code = boost::json::error_code;

    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

    node_builder(std::string_view source, std::vector<json_node>& nodes, std::string& unescaped, std::size_t nodes_max)
        : source_(source), nodes_(nodes), unescaped_(unescaped), nodes_max_(nodes_max) {}

    [[nodiscard]] bool too_many() const noexcept { return nodes_.size() > nodes_max_; }

    bool on_document_begin(code& /*ec*/) { return true; }
    bool on_document_end(code& /*ec*/) { return true; }
    bool on_array_begin(code& /*ec*/) { return open(json_node::kind::array); }
    bool on_array_end(std::size_t count, code& /*ec*/) { return close(count); }
    bool on_object_begin(code& /*ec*/) { return open(json_node::kind::object); }
    bool on_object_end(std::size_t count, code& /*ec*/) { return close(count); }
    bool on_key_part(view part, std::size_t total, code& ec) { return on_string_part(part, total, ec); }
    bool on_key(view part, std::size_t total, code& /*ec*/) {
        key_ = whole(part, total);
        return true;
    }
    bool on_string_part(view part, std::size_t /*total*/, code& /*ec*/) {
        unescaped_.append(part.data(), part.size());
        return true;
    }
    bool on_string(view part, std::size_t total, code& /*ec*/) {
        add(json_node::kind::text).text = whole(part, total);
        return !too_many();
    }
    // Numbers are kept as they are written: what they become depends on the type that they are read into.
    bool on_number_part(view part, code& /*ec*/) {
        unescaped_.append(part.data(), part.size());
        number_size_ += part.size();
        return true;
    }
    bool on_int64(std::int64_t /*value*/, view part, code& /*ec*/) { return number(part); }
    bool on_uint64(std::uint64_t /*value*/, view part, code& /*ec*/) { return number(part); }
    bool on_double(double /*value*/, view part, code& /*ec*/) { return number(part); }
    bool on_bool(bool value, code& /*ec*/) {
        add(json_node::kind::boolean).truth = value;
        return !too_many();
    }
    bool on_null(code& /*ec*/) {
        add(json_node::kind::null);
        return !too_many();
    }
    bool on_comment_part(view /*part*/, code& /*ec*/) { return true; }
    bool on_comment(view /*part*/, code& /*ec*/) { return true; }

  private:
    json_node& add(json_node::kind what) {
        json_node& added = nodes_.emplace_back();
        added.what = what;
        added.end = nodes_.size();
        added.key = std::exchange(key_, {});
        return added;
    }
    bool open(json_node::kind what) {
        add(what);
        open_.push_back(nodes_.size() - 1);
        return !too_many();
    }
    bool close(std::size_t count) {
        json_node& ended = nodes_[open_.back()];
        ended.count = count;
        ended.end = nodes_.size();
        open_.pop_back();
        return true;
    }
    bool number(view part) {
        add(json_node::kind::number).text = whole(part, part.size() + std::exchange(number_size_, 0));
        return !too_many();
    }
    // Of a text in one piece, the source itself when it stands there as it is.
    std::string_view whole(view part, std::size_t total) {
        const std::less_equal<> before;
        const bool in_source =
            before(source_.data(), part.data()) && before(part.data() + part.size(), source_.data() + source_.size());
        if (part.size() == total && in_source) return {part.data(), part.size()};
        unescaped_.append(part.data(), part.size());
        return std::string_view(unescaped_).substr(unescaped_.size() - total);
    }

    std::string_view source_;
    std::vector<json_node>& nodes_;
    std::string& unescaped_;
    std::size_t nodes_max_;
    std::vector<std::size_t> open_;
    std::string_view key_;
    std::size_t number_size_ = 0;
};

std::size_t budget_of(std::string_view text, const decode_limits& limits) {
    return limits.allowance + text.size() * limits.expansion;
}

}  // namespace

json_document::json_document(std::string_view text, const decode_limits& limits) {
    unescaped_.reserve(text.size());
    boost::json::parse_options options;
    options.max_depth = limits.depth + depth_of_wrapping;
    boost::json::basic_parser<node_builder> parser(options, text, nodes, unescaped_,
                                                   budget_of(text, limits) / sizeof(json_node));
    boost::json::error_code fault;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), fault);
    if (parser.handler().too_many()) throw_decode_error("the JSON text has too many values for its size", used);
    if (fault) throw decode_error("this is not JSON: " + fault.message(), used);
    if (used != text.size()) throw_decode_error("text follows the end of the JSON value", used);
}

}  // namespace sheaf::detail
