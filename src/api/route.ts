/**
 * How a query parameter is written: `flag` is Docker's boolean (absent is false; `flagOn`: absent is true), `list` may
 * be given many times, `filters` and `json` are JSON texts.
 */
export type QueryField = 'text' | 'flag' | 'flagOn' | 'number' | 'list' | 'filters' | 'json'

/**
 * How a route answers: `empty` a status alone; `json` a value (a status alone when there is none); `text`; `tar` bytes;
 * `stat` a path's stat in a header; `wait` headers at once and a value later; `lines` JSON values one by one;
 * `progress` likewise, a failure being one of them; `log` and `attach` output in frames (raw with a terminal), the
 * latter on a connection that is no longer HTTP and carries stdin back; `webSocket` the same without frames of ours, in messages; `upgrade` a connection that
 * speaks another protocol from then on.
 */
export type AnswerKind =
  | 'empty'
  | 'json'
  | 'text'
  | 'tar'
  | 'stat'
  | 'wait'
  | 'lines'
  | 'progress'
  | 'log'
  | 'attach'
  | 'webSocket'
  | 'upgrade'

/** What the request's body is: a JSON object, a JSON array (which no handler of ours takes), a tar; absent: none. */
export type BodyKind = 'json' | 'list' | 'tar'

/** One row of the table. `:name` in the path is a segment, `:name+` one or more (image names have slashes). */
export interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, QueryField>>
  readonly body?: BodyKind
  readonly answer: AnswerKind
  /** Of success; absent: 204 for `empty`, 200 for all else. */
  readonly status?: number
}
