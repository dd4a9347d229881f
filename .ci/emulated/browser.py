"""A person's browser, as far as the pages need one."""
import contextlib
import html
import http.client
import re
import urllib.parse

ALICE, ALICES_ACCOUNT = "U0ALICE001", "101"


class Browser:
    """Keeps cookies, the secure ones too: it takes loopback for as good as https."""

    def __init__(self):
        self.cookies = {}

    def open(self, url):
        return self.send("GET", url)

    def post(self, url, fields):
        return self.send("POST", url, urllib.parse.urlencode(fields).encode())

    def submit(self, page, **fields):
        """A page's form, sent to where the page stands."""
        return self.post(page.url, page.hidden() | fields)

    def follow(self, page):
        """Goes where the page leads, and says yes to Slack and Sentry, until a page stands still."""
        for _ in range(12):
            if "/openid/connect/authorize" in page.url or "/oauth/v2/authorize" in page.url:
                page = self.post(page.url, {"user": ALICE, "consent": "allow"})
            elif "/oauth/authorize" in page.url and page.status == 200:
                self.post(page.url, {"op": "login", "account": ALICES_ACCOUNT})
                page = self.post(page.url, {"op": "approve"})
            if not (to := page.leads_to()):
                return page
            page = self.open(to)
        raise SystemExit(f"the browser goes round in circles at {page.url}")

    def send(self, method, url, body=b""):
        parts = urllib.parse.urlsplit(url)
        origin, path = f"{parts.scheme}://{parts.netloc}", parts.path or "/"
        path += f"?{parts.query}" if parts.query else ""
        jar = self.cookies.setdefault(origin, {})
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in jar.items())} if jar else {}
        if body:
            headers |= {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
        page = request(origin, method, path, headers, body)
        jar |= page.cookies()
        return page


class Page:
    def __init__(self, url, reply):
        self.url, self.status, self.headers = url, reply.status, reply.getheaders()
        self.body = reply.read().decode()

    def __str__(self):
        return f"{self.status} at {self.url}: {self.body[-1500:]}"

    def every(self, header):
        return [value for name, value in self.headers if name.lower() == header]

    def cookies(self):
        return dict(cookie.split(";")[0].split("=", 1) for cookie in self.every("set-cookie"))

    def forms(self):
        return [fields(form) for form in self.body.split("<form")[1:]]

    def hidden(self):
        return fields(self.body)

    def leads_to(self):
        if self.status in (302, 303):
            return urllib.parse.urljoin(self.url, self.every("location")[0])
        refresh = re.search(r'http-equiv="refresh"[^>]*url=([^"]+)"', self.body)
        return refresh and html.unescape(refresh[1])


def fields(markup):
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', markup)
    return {name: html.unescape(value) for name, value in hidden}


def request(origin, method, path, headers, body=b""):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(origin).netloc, timeout=60)
    with contextlib.closing(connection):
        connection.request(method, path, body or None, headers)
        return Page(origin + path, connection.getresponse())
