// A client of sheaf::runtime: interop_client HOST PORT FUNCTION FILE [unique=KEY] [priority=high|low] [background] [status].
#include <cstdio>
#include <iostream>
#include <map>
#include <string>

#include "sheaf/runtime/client.hpp"
#include "support/scratch_directory.hpp"

namespace {

using namespace std::chrono_literals;

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        text += digits[static_cast<unsigned char>(c) >> 4];
        text += digits[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

void tell(const std::string& line) { std::cout << line << std::endl; }

/// Tells what happens to the only job.
class teller : public sheaf::runtime::job_listener {
  public:
    explicit teller(sheaf::runtime::client_visit& visit) : visit_(visit) {}
    void on_created(std::uint64_t, std::string_view handle) override { handle_ = handle; }
    void on_data(std::uint64_t, const sheaf::shared_bytes& data) override { tell("data " + hex(data.view())); }
    void on_warning(std::uint64_t, const sheaf::shared_bytes& data) override { tell("warning " + hex(data.view())); }
    void on_status(std::uint64_t, std::uint64_t numerator, std::uint64_t denominator) override {
        tell("status " + std::to_string(numerator) + " " + std::to_string(denominator));
    }
    void on_end(std::uint64_t, sheaf::runtime::job_end end) override {
        end_ = std::move(end);
        visit_.arrived();
    }

    [[nodiscard]] const std::string& handle() const { return handle_; }
    [[nodiscard]] const sheaf::runtime::job_end& end() const { return end_; }

  private:
    sheaf::runtime::client_visit& visit_;
    std::string handle_;
    sheaf::runtime::job_end end_;
};

void tell_end(const sheaf::runtime::job_end& end) {
    using kind = sheaf::runtime::job_end::kind;
    switch (end.how) {
        case kind::complete: return tell("complete " + hex(end.data.view()));
        case kind::failed: return tell("fail");
        case kind::exception: return tell("exception " + hex(end.data.view()));
        case kind::not_run: return tell("error " + end.why.message);
    }
}

void tell_status(sheaf::runtime::client& client, const std::string& handle) {
    std::string line;
    std::getline(std::cin, line);
    const auto status = client.status(handle, 10s);
    if (!status) return tell("error " + status.error().message);
    tell("known " + std::to_string(int{status->known}) + " " + std::to_string(int{status->running}) + " " +
         std::to_string(status->numerator) + " " + std::to_string(status->denominator));
}

}  // namespace

int main(int count, char** words) {
    if (count < 5) return 64;
    std::map<std::string, std::string> options;
    for (int i = 5; i < count; ++i) {
        const std::string word = words[i];
        const auto equals = word.find('=');
        options[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
    }
    using sheaf::runtime::job_priority;
    sheaf::runtime::job_request request{.function = words[3],
                                        .unique = options["unique"],
                                        .payload = sheaf::shared_bytes(sheaf::test::read_file(words[4])),
                                        .background = options.contains("background")};
    if (options["priority"] == "high") request.priority = job_priority::high;
    if (options["priority"] == "low") request.priority = job_priority::low;

    const auto port = static_cast<std::uint16_t>(std::stoi(words[2]));
    sheaf::runtime::client client({.servers = {{.host = words[1], .port = port, .path = {}}}});
    sheaf::runtime::client_visit visit(client);
    const auto listener = std::make_shared<teller>(visit);
    const bool background = request.background;
    client.submit(std::move(request), listener);
    visit.wait();
    if (!background || listener->end().how != sheaf::runtime::job_end::kind::complete) {
        tell_end(listener->end());
    } else {
        tell("created " + listener->handle());
        if (options.contains("status")) tell_status(client, listener->handle());
    }
}
