import type { ServerResponse } from 'node:http'
import { at, type JsonMap } from './json.ts'

/** What containers have written: `POD/CONTAINER`, and `POD/CONTAINER/previous` of the run before. */
export class Logs {
  readonly #lines = new Map<string, string[]>()
  readonly #followers = new Map<string, Set<ServerResponse>>()

  /** Lines with their moments, `2026-01-01T00:00:00.1Z text`. */
  write(container: string, ...lines: readonly string[]): void {
    this.#lines.set(container, [...(this.#lines.get(container) ?? []), ...lines])
    for (const response of this.#followers.get(container) ?? [])
      for (const line of lines) response.write(`${line}\n`)
  }

  /** Ends the answers of whoever follows, as when a container ends, or a kubelet is made anew. */
  end(container: string): void {
    for (const response of this.#followers.get(container) ?? []) response.end()
    this.#followers.delete(container)
  }

  answer(pod: JsonMap, query: URLSearchParams, response: ServerResponse): void {
    const name = `${String(at(pod, 'metadata', 'name'))}/${query.get('container')}`
    const key = query.get('previous') === 'true' ? `${name}/previous` : name
    const since = query.get('sinceTime')
    const all = (this.#lines.get(key) ?? []).filter(
      line => since === null || Date.parse(timeOf(line)) >= Date.parse(since),
    )
    const tail = query.get('tailLines')
    response.writeHead(200, { 'content-type': 'text/plain' })
    for (const line of tail === null ? all : all.slice(-Number(tail) || all.length))
      response.write(`${line}\n`)
    if (query.get('follow') !== 'true') return void response.end()
    const followers = this.#followers.get(key) ?? new Set()
    this.#followers.set(key, followers.add(response))
    response.flushHeaders()
    response.once('close', () => followers.delete(response))
  }
}

function timeOf(line: string): string {
  return line.slice(0, line.indexOf(' '))
}
