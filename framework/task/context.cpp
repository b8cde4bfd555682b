#include <sheaf/context.hpp>
#include <sheaf/detail/binding.hpp>

namespace sheaf {

std::stop_token context::stop_token() const { return of_->stop_token(); }
bool context::stop_requested() const { return of_->stop_token().stop_requested(); }
unsigned context::attempt() const { return of_->attempt(); }
std::string_view context::handle() const { return of_->handle(); }
void context::progress(std::uint64_t done, std::uint64_t total) { of_->progress(done, total); }
void context::warn(std::string_view text) { of_->warn(text); }
void context::log(std::string_view line) { of_->log(line); }
std::optional<std::chrono::milliseconds> context::time_left() const { return of_->time_left(); }
void* context::state(const void* key) const { return of_->state(key); }
sheaf::cluster& context::cluster() const { return of_->own_cluster(); }

}  // namespace sheaf
