#include "net/curl_sender.h"

#include <utility>

#include "base/status_macros.h"
#include "net/curl_exchange.h"
#include "net/curl_transfer.h"

namespace muster::net {

CurlSender::CurlSender(Options options)
    : options_(std::move(options)), transfer_(std::make_unique<CurlTransfer>()) {}

CurlSender::CurlSender(std::string user_agent)
    : CurlSender(Options{.user_agent = std::move(user_agent)}) {}

CurlSender::~CurlSender() = default;

absl::StatusOr<base::HttpResponse> CurlSender::Send(const base::HttpRequest& request,
                                                    std::stop_token stop) {
  CurlExchange exchange;
  MUSTER_RETURN_IF_ERROR(exchange.Prepare(transfer_->Reset(), options_, request, request.timeout));
  MUSTER_ASSIGN_OR_RETURN(const CURLcode code, transfer_->Run(exchange.endpoint(), stop));
  return exchange.Finish(code);
}

absl::Status CheckUrl(const std::string& url) { return EndpointOf(url).status(); }

}  // namespace muster::net
