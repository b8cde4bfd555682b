#include "report/page_timeline.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "report/page_text.hpp"
#include "report/units_text.hpp"

namespace sheaf::detail {
namespace {

using std::chrono::microseconds;

// What browsers draw at once, and people can still see.
constexpr std::size_t bars_max = 20'000;

constexpr int label_width = 180;
constexpr int bars_width = 1000;
constexpr int row_height = 18;
constexpr int axis_height = 24;

class drawing {
  public:
    drawing(std::string& page, const map_reduce_report& report) : page_(page) {
        for (const attempt_record& one : report.attempt_log) end_ = std::max(end_, one.ended);
        least_ = shortest_drawn(report);
    }

    void draw(const std::vector<lane>& rows) {
        const int height = static_cast<int>(rows.size()) * row_height + axis_height;
        print("<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"timeline\">\n", label_width + bars_width + 20,
              height);
        for (std::size_t i = 0; i < rows.size(); ++i) draw_row(rows[i], static_cast<int>(i) * row_height);
        draw_axis(static_cast<int>(rows.size()) * row_height);
        page_ += "</svg>\n";
    }
    /// Whether some attempts are too short to be drawn.
    [[nodiscard]] bool leaves_out() const noexcept { return least_ > microseconds(0); }

  private:
    static microseconds shortest_drawn(const map_reduce_report& report) {
        if (report.attempt_log.size() <= bars_max) return microseconds(0);
        std::vector<microseconds> times;
        for (const attempt_record& one : report.attempt_log) times.push_back(one.ended - one.began);
        std::ranges::nth_element(times, times.begin() + bars_max, std::greater<>{});
        return times[bars_max] + microseconds(1);
    }

    template <class... Values>
    void print(const char* format, Values... values) {
        char text[160];
        std::snprintf(text, sizeof text, format, values...);
        page_ += text;
    }

    [[nodiscard]] double place_of(microseconds at) const {
        const auto all = static_cast<double>(std::max<microseconds::rep>(end_.count(), 1));
        return label_width + static_cast<double>(at.count()) / all * bars_width;
    }

    void draw_row(const lane& row, int y) {
        print("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", label_width - 6, y + 13);
        page_.append(escaped(row.worker)).append("</text>\n");
        for (const attempt_record* one : row.attempts) {
            if (one->ended - one->began >= least_) draw_bar(*one, y);
        }
    }

    void draw_bar(const attempt_record& one, int y) {
        const bool in_vain = one.outcome == attempt_record::end::second || one.outcome == attempt_record::end::given_up;
        const char* const look = one.outcome == attempt_record::end::failed ? "failed"
                                 : in_vain                                  ? "second"
                                                                            : name_of(one.stage);
        const double begin = place_of(one.began);
        print("<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\">", look, begin, y + 2,
              std::max(place_of(one.ended) - begin, 0.5), row_height - 4);
        const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(one.ended - one.began);
        page_.append("<title>").append(escaped(name_of(one))).append(", ").append(duration_text(time)).append(", ");
        page_.append(bytes_text(one.bytes)).append(", ").append(count_text(one.records, "record")).append(", ");
        page_.append(name_of(one.outcome));
        if (!one.why.empty()) page_.append(": ").append(escaped(one.why));
        page_ += "</title></rect>\n";
    }

    void draw_axis(int y) {
        constexpr int marks = 5;
        for (int i = 0; i <= marks; ++i) {
            const microseconds at = end_ * i / marks;
            print("<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">", place_of(at), y + 16);
            page_.append(duration_text(std::chrono::duration_cast<std::chrono::milliseconds>(at))).append("</text>\n");
        }
    }

    std::string& page_;
    microseconds end_{0};
    microseconds least_{0};
};

}  // namespace

void append_timeline(std::string& page, const map_reduce_report& report) {
    if (report.attempt_log.empty()) return;
    page +=
        "<h2>Timeline</h2>\n<p>Map is blue, merge turquoise, reduce green, sampling violet; red failed, grey was not "
        "needed any more.</p>\n";
    drawing picture(page, report);
    picture.draw(lanes_of(report));
    if (picture.leaves_out()) {
        page += "<p>Only the longest " + count_text(bars_max) + " of " + count_text(report.attempt_log.size()) +
                " attempts are drawn; the trace has all.</p>\n";
    }
}

}  // namespace sheaf::detail
