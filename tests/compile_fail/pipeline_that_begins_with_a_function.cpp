// names: pipeline_head
// says: the first step does not say what it takes
#include <string>

#include <sheaf/pipeline.hpp>

void use() {
    (void)(sheaf::pipeline("scan") | sheaf::transform([](const std::string& text) { return text.size(); }));
}
