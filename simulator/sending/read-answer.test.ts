import { expect, test } from "vitest";
import { readAnswer } from "./read-answer.ts";

const read = (text: string, isEnded = false) => readAnswer(Buffer.from(text), isEnded);

test.each([
  ["a length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"],
  ["chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\n\r\n\r\n1\r\na\r\n0\r\n\r\n"],
  ["chunks with a trailer", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx: y\r\n\r\n"],
  ["no body", "HTTP/1.1 204 No Content\r\n\r\n"],
  ["an interim answer before it", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n"],
])("is complete with its last byte: %s", (_name, text) => {
  expect(read(text)).toMatchObject({ isReusable: true, retryAfter: null });
  for (let length = 0; length < text.length; length += 1) expect(read(text.slice(0, length))).toBeUndefined();
});

test("without a length it ends with the connection", () => {
  expect(read("HTTP/1.1 200 OK\r\n\r\nabc")).toBeUndefined();
  expect(read("HTTP/1.1 200 OK\r\n\r\nabc", true)).toEqual({ status: 200, retryAfter: null, isReusable: false });
});

test("says when the connection is used up and when to come back", () => {
  const answer = read("HTTP/1.1 503 Busy\r\nConnection: close\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
  expect(answer).toEqual({ status: 503, retryAfter: 7000, isReusable: false });
  expect(
    read("HTTP/1.1 429 No\r\nRetry-After: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n")?.retryAfter,
  ).toBe(0);
});

test("refuses what is not HTTP/1.1", () => {
  expect(() => read("SSH-2.0-x\r\n\r\n")).toThrow("not an HTTP/1.1 answer");
});
