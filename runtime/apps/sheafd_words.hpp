// The words of sheafd's command line before they mean anything: files of further words, and values that say nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sheaf::apps {

/// The words in `text`, the content of a configuration file: what a command line would have, over any number of lines.
/// Quotes, single or double, keep blanks together; a line that begins with # is a comment.
[[nodiscard]] std::vector<std::string> split_words(std::string_view text);

/// `arguments` without options whose value is empty ("--log-file=", or "--log-file" and ""), which scripts write for "the
/// default", and with the words of each file that --config-file names put before all others. Throws
/// runtime_failure when such a file cannot be read.
[[nodiscard]] std::vector<std::string> settle_words(std::vector<std::string> arguments);

}  // namespace sheaf::apps
