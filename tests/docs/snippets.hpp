// Code in documents that is a copy of code that is compiled and run.
//
// A document marks a fenced block with the place that it comes from, on the line before it:
//
//     <!-- snippet: examples/hello/main.cpp#call -->
//     ```cpp
//     ...
//     ```
//
// and the source marks what is meant, by comments on lines of their own:
//
//     // [call]
//     long one = cluster.call(square(7));
//     // [/call]
//
// Without #name it is the whole file; with #one,two both, with a line of three dots between them. Lines with marks are left
// out, and the indentation that all lines have. In CMake files and scripts, marks begin with #.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sheaf::docs {

/// What the regions `names` of `source` hold; all of it when there are no names. Throws std::runtime_error when a region is
/// missing or does not end.
[[nodiscard]] std::string extract(std::string_view source, std::string_view names);

/// A document with its blocks renewed, and what is wrong with it: "LINE: sentence".
struct renewed {
    std::string text;
    std::vector<std::string> complaints;
};

/// `read` gives the text of the file at a path from the root of the tree, or throws. Every block of C++ needs a mark.
[[nodiscard]] renewed renew(std::string_view document, const std::function<std::string(const std::string& path)>& read);

}  // namespace sheaf::docs
