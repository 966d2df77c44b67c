#include "net/curl_request.h"

#include <algorithm>
#include <limits>
#include <system_error>

#include "absl/strings/ascii.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "net/never_sent.h"

namespace muster::net {
namespace {

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using UrlPtr = std::unique_ptr<CURLU, UrlDeleter>;

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

// A line's end inside would begin another header.
bool IsOneLine(std::string_view text) {
  return text.find_first_of("\r\n") == std::string_view::npos;
}

// libcurl's spelling of a header.
std::string LineOf(const base::HttpHeader& header) {
  if (header.value.empty()) return base::StrCat(header.name, ";");
  return base::StrCat(header.name, ": ", header.value);
}

// Takes ownership of what it appends to; null when memory is out, and stays so.
CurlList Append(CurlList list, const std::string& line) {
  curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) return nullptr;
  // It is the same list, unless that was empty.
  static_cast<void>(list.release());
  return CurlList(longer);
}

absl::StatusOr<CurlList> MakeHeaders(const base::HttpRequest& request) {
  // libcurl would wait up to a second for "100 Continue" before a large body.
  CurlList list = Append(nullptr, "Expect:");
  // And it would call a body that is not there a form.
  if (request.body.empty()) list = Append(std::move(list), "Content-Type:");
  for (const base::HttpHeader& header : request.headers) {
    if (!IsOneLine(header.name) || !IsOneLine(header.value)) {
      return absl::InvalidArgumentError("a header holds a line's end");
    }
    list = Append(std::move(list), LineOf(header));
  }
  if (list == nullptr) return absl::ResourceExhaustedError("no memory for a header");
  return list;
}

std::string TextOf(CURLcode code) { return absl::AsciiStrToLower(curl_easy_strerror(code)); }

// For example "connection refused"; what libcurl itself says otherwise.
std::string ReasonOf(CURL* easy, CURLcode code) {
  CurlLong os_error = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error);
  if (code != CURLE_COULDNT_CONNECT || os_error == 0) return TextOf(code);
  return absl::AsciiStrToLower(std::generic_category().message(static_cast<int>(os_error)));
}

absl::Status StatusOf(CURLcode code, const std::string& message) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return absl::DeadlineExceededError(message);
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return absl::InvalidArgumentError(message);
    default:
      return absl::UnavailableError(message);
  }
}

}  // namespace

CurlMulti NewCurlMulti() { return CurlMulti(InitialiseCurl() ? curl_multi_init() : nullptr); }

absl::StatusOr<std::string> EndpointOf(const std::string& url) {
  const UrlPtr parsed(curl_url());
  const CURLUcode error =
      curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME);
  if (error != CURLUE_OK) {
    return InvalidUrl(absl::AsciiStrToLower(curl_url_strerror(error)));
  }
  const std::string scheme = absl::AsciiStrToLower(PartOf(parsed.get(), CURLUPART_SCHEME));
  if (scheme != "http" && scheme != "https") {
    return InvalidUrl(base::StrCat("the scheme is ", scheme, ", not http or https"));
  }
  const std::string host = PartOf(parsed.get(), CURLUPART_HOST);
  // libcurl takes "http:/a" and "http:///a" for "http://a".
  const size_t slashes = url.find("://");
  if (host.empty() || slashes == std::string::npos || url.substr(slashes, 4) == ":///") {
    return InvalidUrl("there is no host after ://");
  }
  return base::StrCat(host, ":", PartOf(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT));
}

std::chrono::milliseconds CurlTimeout(std::chrono::milliseconds timeout) {
  // To libcurl 0 is no timeout at all.
  return std::clamp(timeout, std::chrono::milliseconds(1),
                    std::chrono::milliseconds(std::numeric_limits<int>::max()));
}

absl::Status CurlMultiStatus(CURLMcode code, const std::string& endpoint) {
  if (code == CURLM_OK) return absl::OkStatus();
  return absl::UnavailableError(base::StrCat(
      endpoint, ": libcurl failed: ", absl::AsciiStrToLower(curl_multi_strerror(code))));
}

absl::Status CurlRequest::Prepare(CURL* easy, const ClientOptions& options,
                                  const base::HttpRequest& request) {
  MUSTER_ASSIGN_OR_RETURN(endpoint_, EndpointOf(request.url));
  MUSTER_ASSIGN_OR_RETURN(headers_, MakeHeaders(request));
  if (easy == nullptr) return absl::UnavailableError("libcurl could not be set up");
  easy_ = easy;
  SetClient(options);
  SetMessage(request);
  return status();
}

void CurlRequest::SetClient(const ClientOptions& options) {
  // No signals: other threads have theirs.
  Set(CURLOPT_NOSIGNAL, 1L);
  Set(CURLOPT_PROTOCOLS_STR, "http,https");
  Set(CURLOPT_FOLLOWLOCATION, 0L);
  // Else libcurl would read the environment's proxies.
  Set(CURLOPT_PROXY, "");
  Set(CURLOPT_TCP_KEEPALIVE, 1L);
  Set(CURLOPT_USERAGENT, options.user_agent.c_str());
  // A name that is being looked up does not hold back a stop or a timeout.
  Set(CURLOPT_QUICK_EXIT, 1L);
  if (!options.unix_socket.empty()) {
    Set(CURLOPT_UNIX_SOCKET_PATH, options.unix_socket.c_str());
  }
  SetPem(CURLOPT_SSLCERT_BLOB, options.certificate);
  SetPem(CURLOPT_SSLKEY_BLOB, options.private_key);
  SetPem(CURLOPT_CAINFO_BLOB, options.authorities);
  // Else the machine's would be known beside these.
  if (!options.authorities.empty()) Set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
}

void CurlRequest::SetPem(CURLoption option, const std::string& pem) {
  if (pem.empty()) return;
  // libcurl does not change what the pointer leads to.
  curl_blob blob = {const_cast<char*>(pem.data()), pem.size(), CURL_BLOB_NOCOPY};
  Set(option, &blob);
}

void CurlRequest::SetMessage(const base::HttpRequest& request) {
  Set(CURLOPT_URL, request.url.c_str());
  Set(CURLOPT_HTTPHEADER, headers_.get());
  if (request.body.empty() && request.method == "GET") return;
  Set(CURLOPT_POSTFIELDS, request.body.data());
  Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  Set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

absl::Status CurlRequest::status() const {
  if (code_ == CURLE_OK) return absl::OkStatus();
  return MarkNeverSent(absl::UnavailableError(
      base::StrCat(endpoint_, ": libcurl refused an option: ", TextOf(code_))));
}

int CurlRequest::http_status() const {
  CurlLong status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

absl::Status CurlRequest::ErrorOf(CURLcode code) const {
  absl::Status error = StatusOf(code, base::StrCat(endpoint_, ": ", ReasonOf(easy_, code)));
  CurlLong sent_bytes = 0;
  curl_easy_getinfo(easy_, CURLINFO_REQUEST_SIZE, &sent_bytes);
  return sent_bytes == 0 ? MarkNeverSent(std::move(error)) : error;
}

}  // namespace muster::net
