import { createHash } from 'node:crypto'
import { open, rm, utimes } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { Failure, failure, messageOf } from '../../diagnostics/index.ts'
import { type Answer, readSettings, Transport } from '../registry/index.ts'

/** How a file is brought from an address. */
export interface FetchOptions {
  /** Where it goes; made anew. */
  readonly path: string
  /** `sha256:<hex>`, or of sha384 or sha512. */
  readonly checksum?: string
  /** What the server said of a file that is here already: it is not to send that again. */
  readonly unless?: Validators
  readonly signal?: AbortSignal
}

/** By what a server tells whether a file has changed (RFC 9110, 8.8), as it writes them. */
export interface Validators {
  readonly etag?: string
  readonly lastModified?: string
}

/** A file that came whole. */
export interface FetchedFile extends Validators {
  readonly size: number
  /** `sha256:<hex>` of what came. */
  readonly digest: string
  /** Whole seconds since 1970 of its last change, 0 where the server does not say. */
  readonly mtime: number
  /** The name that the server gives it. */
  readonly name?: string
}

const ALGORITHMS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 }
const MAX_REDIRECTS = 10
/** Attempts in a row that bring nothing before a download is given up. */
const FRUITLESS = 4
const FIRST_PAUSE_MS = 250

/** Whether a text is a checksum that can be held against a file. */
export function isChecksum(text: string): boolean {
  const [algorithm = '', hex = ''] = text.split(':')
  return (
    Object.hasOwn(ALGORITHMS, algorithm) && hex.length === ALGORITHMS[algorithm] && /^[0-9a-f]+$/.test(hex)
  )
}

/**
 * Brings a file by http or https, through the proxies of the environment. What breaks off is asked for again from where it
 * broke. The file has the time that the server says; undefined where it is the one that is here already. Raises DOWNLOAD_FAILED, and CHECKSUM_MISMATCH for other bytes than wanted.
 */
export async function fetchUrl(address: string, options: FetchOptions): Promise<FetchedFile | undefined> {
  const transport = new Transport(await readSettings())
  // Another name of the same file must keep its content.
  await rm(options.path, { force: true })
  const file = await open(options.path, 'wx', 0o600)
  try {
    const download = new Download(transport, address, options)
    const algorithm = options.checksum?.split(':')[0] ?? 'sha256'
    const [hash, wanted] = [createHash('sha256'), createHash(algorithm)]
    for await (const bytes of download.bytes()) {
      await file.write(bytes)
      hash.update(bytes)
      wanted.update(bytes)
    }
    if (download.isUnchanged) return undefined
    const got = `${algorithm}:${wanted.digest('hex')}`
    if (options.checksum !== undefined && got !== options.checksum)
      throw mismatch(address, options.checksum, got)
    const { mtime, name, current } = download
    await utimes(options.path, mtime, mtime)
    return {
      size: current,
      digest: `sha256:${hash.digest('hex')}`,
      mtime,
      ...download.validators,
      ...(name === undefined ? {} : { name }),
    }
  } finally {
    await file.close()
  }
}

class Download {
  current = 0
  mtime = 0
  name: string | undefined
  validators: Validators = {}
  isUnchanged = false
  readonly #unless: Validators
  readonly #transport: Transport
  readonly #address: string
  readonly #signal: AbortSignal | undefined
  /** What the server calls this content; without it a part is no part of the same for sure. */
  #version: string | undefined
  #size: number | undefined

  constructor(
    transport: Transport,
    address: string,
    { unless = {}, signal }: Pick<FetchOptions, 'unless' | 'signal'>,
  ) {
    this.#unless = unless
    this.#transport = transport
    this.#address = address
    this.#signal = signal
  }

  /** The bytes, each once and in order. */
  async *bytes(): AsyncGenerator<Buffer> {
    for (let fruitless = 0; ; ) {
      const before = this.current
      try {
        for await (const bytes of this.#rest()) {
          this.current += bytes.length
          yield bytes
        }
        if (this.#size === undefined || this.current === this.#size) return
        throw new Error(`it ended after ${this.current} of ${this.#size} bytes`)
      } catch (error) {
        this.#signal?.throwIfAborted()
        if (error instanceof Failure) throw error
        fruitless = this.current > before ? 0 : fruitless + 1
        // Without a version what comes next may be of another file.
        if (fruitless >= FRUITLESS || (this.current > 0 && this.#version === undefined))
          throw failed(this.#address, messageOf(error), error)
        await wait(FIRST_PAUSE_MS * 2 ** fruitless, undefined, this.#signal && { signal: this.#signal })
      }
    }
  }

  async *#rest(): AsyncGenerator<Buffer> {
    const range =
      this.current === 0 || this.#version === undefined
        ? {}
        : { range: `bytes=${this.current}-`, 'if-range': this.#version }
    const answer = await this.#answer(new URL(this.#address), { ...this.#condition(), ...range })
    if (answer.status === 304) {
      await answer.discard()
      this.isUnchanged = true
      this.#size = undefined
      return
    }
    if (this.current === 0) this.#read(answer)
    let known = answer.status === 206 ? 0 : this.current
    if (known > 0 && answer.headers['etag'] !== this.#version)
      throw failed(this.#address, 'it has changed while it was downloaded')
    for await (const bytes of answer.body) {
      if (known < bytes.length) yield bytes.subarray(known)
      known = Math.max(0, known - bytes.length)
    }
  }

  /** Only at the start: what is resumed has changed already. */
  #condition(): Readonly<Record<string, string>> {
    const { etag, lastModified } = this.#unless
    if (this.current > 0) return {}
    return {
      ...(etag === undefined ? {} : { 'if-none-match': etag }),
      ...(lastModified === undefined ? {} : { 'if-modified-since': lastModified }),
    }
  }

  async #answer(address: URL, headers: Readonly<Record<string, string>>): Promise<Answer> {
    let at = address
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      if (!/^https?:$/.test(at.protocol)) throw failed(this.#address, `it leads to ${at.protocol}`)
      const answer = await this.#transport.send(at, { headers }, true, this.#signal)
      if (answer.isOk) return answer
      if (answer.status === 304 && Object.keys(this.#condition()).length > 0) return answer
      await answer.discard()
      const location = answer.headers['location']
      if (answer.status < 300 || answer.status > 399 || location === undefined) {
        const detail = `the server answered ${answer.status}`
        if (answer.status === 429 || answer.status >= 500) throw new Error(detail)
        throw failed(this.#address, detail)
      }
      at = new URL(location, at)
    }
    throw failed(this.#address, `it leads on more than ${MAX_REDIRECTS} times`)
  }

  #read({ headers }: Answer): void {
    const [etagHeader, lastModified] = [headers['etag'], headers['last-modified']]
    this.validators = {
      ...(etagHeader === undefined ? {} : { etag: etagHeader }),
      ...(lastModified === undefined ? {} : { lastModified }),
    }
    const modified = Date.parse(lastModified ?? '')
    this.mtime = Number.isNaN(modified) ? 0 : Math.floor(modified / 1000)
    this.#version = etagHeader?.startsWith('W/') ? undefined : etagHeader
    const length = headers['content-length']
    this.#size =
      length === undefined || headers['content-encoding'] !== undefined ? undefined : Number(length)
    this.name = fileNameOf(headers['content-disposition'])
  }
}

/** `attachment; filename="x"`; of a path in it the last part alone. */
function fileNameOf(disposition: string | undefined): string | undefined {
  const [, quoted, plain] = /;\s*filename\s*=\s*(?:"([^"]*)"|([^;\s]+))/i.exec(disposition ?? '') ?? []
  const name = (quoted ?? plain ?? '').split('/').at(-1) ?? ''
  return name === '' || name === '.' || name === '..' ? undefined : name
}

function failed(address: string, detail: string, cause?: unknown): Error {
  return failure({
    kind: 'unavailable',
    code: 'DOWNLOAD_FAILED',
    summary: `cannot download "${address}"`,
    detail,
    hint: 'check the address and the network',
    ...(cause === undefined ? {} : { cause }),
  })
}

function mismatch(address: string, wanted: string, got: string): Error {
  return failure({
    kind: 'invalidArgument',
    code: 'CHECKSUM_MISMATCH',
    summary: `"${address}" has other content than it should`,
    detail: `got ${got}, want ${wanted}`,
  })
}
