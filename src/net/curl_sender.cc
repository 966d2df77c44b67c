#include "net/curl_sender.h"

#include <algorithm>
#include <cctype>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "curl/curl.h"

namespace muster::net {
namespace {

// libcurl's options have no type of their own, so they must be passed as exactly this.
using CurlLong = long;  // NOLINT(google-runtime-int)

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using UrlPtr = std::unique_ptr<CURLU, UrlDeleter>;

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using ListPtr = std::unique_ptr<curl_slist, ListDeleter>;

// Once a process, before the first handle.
bool InitialiseCurl() {
  static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
  return result == CURLE_OK;
}

// A part of the URL; "" when it has none.
std::string PartOf(CURLU* url, CURLUPart part, unsigned int flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return "";
  std::string copy = text;
  curl_free(text);
  return copy;
}

absl::Status InvalidUrl(std::string_view why) {
  return absl::InvalidArgumentError(base::StrCat("not a URL to call: ", why));
}

// "host:port" of a URL that can be called.
absl::StatusOr<std::string> EndpointOf(const std::string& text) {
  const UrlPtr url(curl_url());
  const CURLUcode error =
      curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME);
  if (error != CURLUE_OK) {
    return InvalidUrl(absl::AsciiStrToLower(curl_url_strerror(error)));
  }
  const std::string scheme = absl::AsciiStrToLower(PartOf(url.get(), CURLUPART_SCHEME));
  if (scheme != "http" && scheme != "https") {
    return InvalidUrl(base::StrCat("the scheme is ", scheme, ", not http or https"));
  }
  const std::string host = PartOf(url.get(), CURLUPART_HOST);
  // libcurl takes "http:/a" and "http:///a" for "http://a".
  const size_t slashes = text.find("://");
  if (host.empty() || slashes == std::string::npos || text.substr(slashes, 4) == ":///") {
    return InvalidUrl("there is no host after ://");
  }
  return base::StrCat(host, ":", PartOf(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT));
}

// A line's end inside would begin another header.
bool IsOneLine(std::string_view text) {
  return text.find_first_of("\r\n") == std::string_view::npos;
}

absl::StatusOr<ListPtr> MakeHeaders(const std::vector<base::HttpHeader>& headers) {
  // libcurl would wait up to a second for "100 Continue" before a large body.
  ListPtr list(curl_slist_append(nullptr, "Expect:"));
  for (const base::HttpHeader& header : headers) {
    if (!IsOneLine(header.name) || !IsOneLine(header.value)) {
      return absl::InvalidArgumentError("a header holds a line's end");
    }
    // libcurl's spelling of a header without a value.
    const std::string line = header.value.empty() ? base::StrCat(header.name, ";")
                                                  : base::StrCat(header.name, ": ", header.value);
    if (list == nullptr || curl_slist_append(list.get(), line.c_str()) == nullptr) {
      return absl::ResourceExhaustedError("no memory for a header");
    }
  }
  return list;
}

// The answer as it comes in.
struct Incoming {
  size_t max_bytes = 0;
  bool discard = false;
  size_t bytes = 0;
  std::string body;
  bool too_long = false;
};

size_t Receive(char* data, size_t size, size_t count, void* incoming) {
  auto& to = *static_cast<Incoming*>(incoming);
  const size_t bytes = size * count;
  to.too_long = bytes > to.max_bytes - to.bytes;
  // Any other number than `bytes` makes libcurl end the transfer.
  if (to.too_long) return bytes + 1;
  to.bytes += bytes;
  if (!to.discard) to.body.append(data, bytes);
  return bytes;
}

// Sets options until one fails: that some protocols or authorities are refused must not go unseen.
class Setter {
 public:
  explicit Setter(CURL* easy) : easy_(easy) {}

  template <typename Value>
  void Set(CURLoption option, Value value) {
    if (code_ == CURLE_OK) code_ = curl_easy_setopt(easy_, option, value);
  }
  CURLcode code() const { return code_; }

 private:
  CURL* const easy_;
  CURLcode code_ = CURLE_OK;
};

// `pem` outlives the transfer.
void SetAuthorities(Setter* to, const std::string& pem) {
  if (pem.empty()) return;
  // libcurl does not change what the pointer leads to.
  curl_blob blob = {const_cast<char*>(pem.data()), pem.size(), CURL_BLOB_NOCOPY};
  to->Set(CURLOPT_CAINFO_BLOB, &blob);
  // Else the machine's would be known beside these.
  to->Set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
}

// Everything but the URL and the body is set anew for each request.
void SetCommonOptions(Setter* to, const CurlSender::Options& options) {
  // No signals: other threads have theirs.
  to->Set(CURLOPT_NOSIGNAL, 1L);
  to->Set(CURLOPT_PROTOCOLS_STR, "http,https");
  to->Set(CURLOPT_FOLLOWLOCATION, 0L);
  // Else libcurl would read the environment's proxies.
  to->Set(CURLOPT_PROXY, "");
  to->Set(CURLOPT_TCP_KEEPALIVE, 1L);
  to->Set(CURLOPT_USERAGENT, options.user_agent.c_str());
  // A name that is being looked up does not hold back a stop or a timeout.
  to->Set(CURLOPT_QUICK_EXIT, 1L);
  SetAuthorities(to, options.authorities);
}

void SetRequest(Setter* to, const base::HttpRequest& request, curl_slist* headers,
                Incoming* incoming) {
  to->Set(CURLOPT_URL, request.url.c_str());
  to->Set(CURLOPT_HTTPHEADER, headers);
  to->Set(CURLOPT_WRITEFUNCTION, &Receive);
  to->Set(CURLOPT_WRITEDATA, incoming);
  // To libcurl 0 is no timeout at all.
  const auto timeout_ms = static_cast<CurlLong>(std::max<int64_t>(1, request.timeout.count()));
  to->Set(CURLOPT_TIMEOUT_MS, timeout_ms);
  to->Set(CURLOPT_CONNECTTIMEOUT_MS, timeout_ms);
  if (request.body.empty() && request.method == "GET") return;
  to->Set(CURLOPT_POSTFIELDS, request.body.data());
  to->Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  to->Set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

// For example "connection refused"; what libcurl itself says otherwise.
std::string ReasonOf(CURL* easy, CURLcode code) {
  CurlLong os_error = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error);
  if (code != CURLE_COULDNT_CONNECT || os_error == 0) {
    return absl::AsciiStrToLower(curl_easy_strerror(code));
  }
  return absl::AsciiStrToLower(std::generic_category().message(static_cast<int>(os_error)));
}

absl::Status ErrorOf(CURL* easy, CURLcode code, const Incoming& incoming,
                     const std::string& endpoint) {
  if (incoming.too_long) {
    return absl::ResourceExhaustedError(
        base::StrCat(endpoint, ": the answer is longer than ", incoming.max_bytes, " bytes"));
  }
  const std::string message = base::StrCat(endpoint, ": ", ReasonOf(easy, code));
  if (code == CURLE_OPERATION_TIMEDOUT) return absl::DeadlineExceededError(message);
  if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
    return absl::InvalidArgumentError(message);
  }
  return absl::UnavailableError(message);
}

absl::Status OptionStatus(CURLcode code, const std::string& endpoint) {
  if (code == CURLE_OK) return absl::OkStatus();
  return absl::UnavailableError(base::StrCat(
      endpoint, ": libcurl refused an option: ", absl::AsciiStrToLower(curl_easy_strerror(code))));
}

absl::Status MultiStatus(CURLMcode code, const std::string& endpoint) {
  if (code == CURLM_OK) return absl::OkStatus();
  return absl::UnavailableError(base::StrCat(
      endpoint, ": libcurl failed: ", absl::AsciiStrToLower(curl_multi_strerror(code))));
}

}  // namespace

// The multi handle owns the connections, so a stop can wake the one thing that waits for them.
struct CurlSender::Handles {
  Handles() : multi(InitialiseCurl() ? curl_multi_init() : nullptr), easy(curl_easy_init()) {}
  ~Handles() {
    curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
  }
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;

  bool Usable() const { return multi != nullptr && easy != nullptr; }
  // Runs the transfer of `easy` to its end and says how that was. CANCELLED when it was stopped.
  absl::StatusOr<CURLcode> Transfer(const std::string& endpoint, const std::stop_token& stop);
  absl::StatusOr<CURLcode> Run(const std::string& endpoint, const std::stop_token& stop);

  CURLM* const multi;
  CURL* const easy;
};

absl::StatusOr<CURLcode> CurlSender::Handles::Transfer(const std::string& endpoint,
                                                       const std::stop_token& stop) {
  MUSTER_RETURN_IF_ERROR(MultiStatus(curl_multi_add_handle(multi, easy), endpoint));
  absl::StatusOr<CURLcode> code = Run(endpoint, stop);
  // Only now may what the options point to go away.
  curl_multi_remove_handle(multi, easy);
  return code;
}

absl::StatusOr<CURLcode> CurlSender::Handles::Run(const std::string& endpoint,
                                                  const std::stop_token& stop) {
  // Longer than any wait needs: the timeout and the stop end it.
  constexpr int kPollMs = 60'000;
  const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi); });
  int running = 1;
  while (running > 0) {
    if (stop.stop_requested()) {
      return absl::CancelledError(base::StrCat(endpoint, ": the call was stopped"));
    }
    MUSTER_RETURN_IF_ERROR(MultiStatus(curl_multi_perform(multi, &running), endpoint));
    if (running == 0) break;
    MUSTER_RETURN_IF_ERROR(
        MultiStatus(curl_multi_poll(multi, nullptr, 0, kPollMs, nullptr), endpoint));
  }
  int left = 0;
  const CURLMsg* const message = curl_multi_info_read(multi, &left);
  return message == nullptr ? CURLE_FAILED_INIT : message->data.result;
}

CurlSender::CurlSender(Options options)
    : options_(std::move(options)), handles_(std::make_unique<Handles>()) {}

CurlSender::CurlSender(std::string user_agent)
    : CurlSender(Options{.user_agent = std::move(user_agent), .authorities = ""}) {}

CurlSender::~CurlSender() = default;

absl::StatusOr<base::HttpResponse> CurlSender::Send(const base::HttpRequest& request,
                                                    std::stop_token stop) {
  MUSTER_ASSIGN_OR_RETURN(const std::string endpoint, EndpointOf(request.url));
  MUSTER_ASSIGN_OR_RETURN(const ListPtr headers, MakeHeaders(request.headers));
  if (!handles_->Usable()) return absl::UnavailableError("libcurl could not be set up");
  CURL* const easy = handles_->easy;
  Incoming incoming = {.max_bytes = request.max_response_bytes, .discard = request.discard_body};
  curl_easy_reset(easy);
  Setter setter(easy);
  SetCommonOptions(&setter, options_);
  SetRequest(&setter, request, headers.get(), &incoming);
  MUSTER_RETURN_IF_ERROR(OptionStatus(setter.code(), endpoint));
  MUSTER_ASSIGN_OR_RETURN(const CURLcode code, handles_->Transfer(endpoint, stop));
  // Of a body that is not wanted, the end is not missed.
  const bool has_answer = code == CURLE_OK || (incoming.discard && incoming.too_long);
  if (!has_answer) return ErrorOf(easy, code, incoming, endpoint);
  CurlLong status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  return base::HttpResponse{static_cast<int>(status), std::move(incoming.body)};
}

absl::Status CheckUrl(const std::string& url) { return EndpointOf(url).status(); }

}  // namespace muster::net
