# nginx_raw.sh: requests as bytes, for tests/apps/run-nginx.sh: `raw NAME BYTES` puts one, or several in a row, below
# $dir/raw. The last one of each has the server end the connection. Sourced.

mkdir -p "$dir/raw"
raw() { # NAME BYTES, as printf's %b
	printf '%b' "$2" >"$dir/raw/$1"
}
# get NAME PATH [FIELDS]: a GET with further header fields, each ending with \r\n.
get() {
	raw "$1" "GET $2 HTTP/1.1\r\nHost: test\r\n${3:-}Connection: close\r\n\r\n"
}
times() { # N TEXT
	local text=${2//\\/\\\\}
	# shellcheck disable=SC2046,SC2059
	printf "${text//%/%%}%.0s" $(seq "$1")
}

text=/99/1999.txt # 2000 bytes
text_time=$((1600000000 + 1999 * 7919))
etag=$(printf '"%x-%x"' $text_time 2000)
at() { date -u -d "@$1" '+%a, %d %b %Y %H:%M:%S GMT'; }

# Whole files, methods, versions of the protocol
get whole $text
raw head "HEAD $text HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
raw http-1.0 "GET $text HTTP/1.0\r\n\r\n"
raw http-1.0-kept "GET $text HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET $text HTTP/1.0\r\n\r\n"
raw http-0.9 "GET $text\r\n"
raw bare-newlines "GET $text HTTP/1.1\nHost: test\nConnection: close\n\n"
raw absolute-uri "GET http://test$text HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n"
raw empty-lines-before "\r\n\r\nGET $text HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
get encoded-path '/%39%39/./../99//1999.t%78t?a=b&c'
get directory /00
get no-index /00/
get list /list/00/
raw options "OPTIONS $text HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
raw trace "TRACE $text HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"

# Pipelining: many at once, with a body among them, and an error that ends it
raw pipelined-50 "$(times 50 "GET $text HTTP/1.1\r\nHost: test\r\n\r\n")GET /none HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
raw pipelined-mixed "HEAD $text HTTP/1.1\r\nHost: test\r\n\r\nPOST /post HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhelloGET /none HTTP/1.1\r\nHost: test\r\n\r\nGET /absent HTTP/1.1\r\nHost: test\r\n\r\nGET $text HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
raw pipelined-error "GET $text HTTP/1.1\r\nHost: test\r\n\r\nGET / HTTP/9.9\r\n\r\nGET $text HTTP/1.1\r\nHost: test\r\n\r\n"
raw pipelined-large "$(for i in 9990 9991 9992 9993; do
	printf 'GET %s HTTP/1.1\\r\\nHost: test\\r\\n\\r\\n' "$(sed -n "$((i + 1))p" "$dir/paths")"
done)GET /none HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"

# Ranges
get range-first $text 'Range: bytes=0-0\r\n'
get range-middle $text 'Range: bytes=100-1999\r\n'
get range-open $text 'Range: bytes=1999-\r\n'
get range-suffix $text 'Range: bytes=-7\r\n'
get range-suffix-long $text 'Range: bytes=-70000\r\n'
get range-beyond-end $text 'Range: bytes=1990-9999\r\n'
get range-three $text 'Range: bytes=0-9, 100-199 ,-5\r\n'
get range-overlapping $text 'Range: bytes=0-1500,500-1999\r\n'
get range-many $text "Range: bytes=$(for ((i = 0; i < 100; i++)); do printf '%d-%d,' $((i * 9)) $((i * 9 + 3)); done)-1\r\n"
get range-unsatisfiable $text 'Range: bytes=2000-\r\n'
get range-partly-unsatisfiable $text 'Range: bytes=5000-6000,3-4\r\n'
get range-backwards $text 'Range: bytes=9-3\r\n'
get range-not-bytes $text 'Range: lines=1-2\r\n'
get range-garbage $text 'Range: bytes=x-y\r\n'
get range-huge $text 'Range: bytes=0-99999999999999999999999\r\n'
get range-empty $text 'Range: bytes=\r\n'
raw range-head "HEAD $text HTTP/1.1\r\nHost: test\r\nRange: bytes=5-10\r\nConnection: close\r\n\r\n"
get range-of-large "$(sed -n '$p' "$dir/paths")" 'Range: bytes=10000000-,0-99,5000000-5000099\r\n'
get range-of-nosendfile /nosendfile$text 'Range: bytes=5-10,1000-1999\r\n'

# Conditions
get since-equal $text "If-Modified-Since: $(at $text_time)\r\n"
get since-older $text "If-Modified-Since: $(at 1000000000)\r\n"
get since-later $text "If-Modified-Since: $(at 1900000000)\r\n"
get since-garbage $text 'If-Modified-Since: yesterday\r\n'
get unmodified-since-older $text "If-Unmodified-Since: $(at 1000000000)\r\n"
get unmodified-since-equal $text "If-Unmodified-Since: $(at $text_time)\r\n"
get none-match $text "If-None-Match: $etag\r\n"
get none-match-list $text "If-None-Match: \"x\", W/$etag\r\n"
get none-match-star $text 'If-None-Match: *\r\n'
get none-match-other $text "If-None-Match: \"x\"\r\nIf-Modified-Since: $(at $text_time)\r\n"
get match $text "If-Match: $etag\r\n"
get match-other $text 'If-Match: "x"\r\n'
get if-range $text "If-Range: $etag\r\nRange: bytes=0-4\r\n"
get if-range-other $text 'If-Range: "x"\r\nRange: bytes=0-4\r\n'
get if-range-date $text "If-Range: $(at $text_time)\r\nRange: bytes=0-4\r\n"
get if-range-date-other $text "If-Range: $(at 1000000000)\r\nRange: bytes=0-4\r\n"

# Compressed on the way; not for what is small, or of another type, or to who does not want it
get gzip /gzip$text 'Accept-Encoding: gzip\r\n'
get gzip-unwanted /gzip$text 'Accept-Encoding: gzip;q=0\r\n'
get gzip-small /gzip/01/1.txt 'Accept-Encoding: gzip\r\n'
get gzip-not-this-type "/gzip$(sed -n 2006p "$dir/paths")" 'Accept-Encoding: gzip\r\n'
get gzip-http-1.0-proxy /gzip$text 'Accept-Encoding: gzip\r\nVia: 1.0 proxy\r\n'
get gzip-range /gzip$text 'Accept-Encoding: gzip\r\nRange: bytes=0-9\r\n'
get gzip-condition /gzip$text "Accept-Encoding: gzip\r\nIf-None-Match: W/$etag\r\n"

# Refusals, with what their pages say
get 404 /absent
raw 404-head "HEAD /absent HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
get 403 /denied
get 401 /secret
get 401-wrong-password /secret "Authorization: Basic $(printf 'joe:wrong' | base64)\r\n"
get 200-password /secret "Authorization: Basic $(printf 'joe:right' | base64)\r\n"
get 200-password-apr1 /secret "Authorization: Basic $(printf 'ann:right' | base64)\r\n"
get 401-garbage /secret 'Authorization: Basic !!!\r\n'
raw 405-post "POST $text HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"
raw 405-delete "DELETE $text HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
raw 405-unknown "BREW $text HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
raw 400-garbage 'not a request\r\n\r\n'
raw 400-binary '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'
raw 400-no-host 'GET / HTTP/1.1\r\n\r\n'
raw 400-two-hosts 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'
raw 400-bad-host 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n'
raw 400-bad-escape 'GET /%zz HTTP/1.1\r\nHost: test\r\n\r\n'
raw 400-out-of-root 'GET /../../etc/passwd HTTP/1.1\r\nHost: test\r\n\r\n'
raw 400-zero 'GET /\x00 HTTP/1.1\r\nHost: test\r\n\r\n'
raw 400-two-lengths 'POST /post HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'
raw 400-length-garbage 'POST /post HTTP/1.1\r\nHost: test\r\nContent-Length: x\r\n\r\n'
raw 400-chunk-garbage 'POST /post HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'
raw 400-header-line-too-long "GET / HTTP/1.1\r\nHost: test\r\nCookie: $(times 9000 x)\r\n\r\n"
raw 400-headers-too-many "GET / HTTP/1.1\r\nHost: test\r\n$(times 8 "Cookie: $(times 7000 x)\\r\\n")\r\n"
raw 411 'POST /post HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n'
raw 413 "POST /small-body HTTP/1.1\r\nHost: test\r\nContent-Length: 2000\r\n\r\n$(times 2000 x)"
raw 413-chunked "POST /small-body HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n$(times 2000 x)\r\n0\r\n\r\n"
raw 413-before-body 'POST /small-body HTTP/1.1\r\nHost: test\r\nContent-Length: 2000000\r\nExpect: 100-continue\r\n\r\n'
raw 414 "GET /$(times 9000 x) HTTP/1.1\r\nHost: test\r\n\r\n"
raw 501 'POST /post HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: gzip\r\n\r\n'
raw 505 'GET / HTTP/3.0\r\nHost: test\r\n\r\n'
raw http-2-preface 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

# Bodies, through a proxy to a second server and a third, which say what they got
raw post "POST /post/a?b HTTP/1.1\r\nHost: test\r\nContent-Type: text/x\r\nContent-Length: 11\r\nConnection: close\r\n\r\nhello world"
raw post-chunked 'POST /post HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n'
raw post-expect 'POST /post HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\nhello'
raw post-empty 'POST /post HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
raw post-into-a-file "PUT /post HTTP/1.1\r\nHost: test\r\nContent-Length: 500000\r\nConnection: close\r\n\r\n$(times 50000 0123456789)"

# What the configuration does: locations with regular expressions, rewriting, redirection, virtual servers, headers
get regex /word/abc/123/rest
get regex-no-match /word/ABC/123
get rewrite /old/01/1.htm
get moved /moved
get error-page /error-page
get expires /expires$text
get charset /charset$text
get ssi /ssi/98/1998.html
get none /none
get teapot /teapot
raw virtual-server 'GET / HTTP/1.1\r\nHost: OTHER.test:80\r\nConnection: close\r\n\r\n'
raw virtual-wildcard 'GET / HTTP/1.1\r\nHost: a.b.wild.test\r\nConnection: close\r\n\r\n'
raw virtual-regex 'GET / HTTP/1.1\r\nHost: r42.test\r\nConnection: close\r\n\r\n'
