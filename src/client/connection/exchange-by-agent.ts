import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { Readable } from 'node:stream'
import { Answer } from '../http/answer.ts'
import { type Message, type Outcome, timedOut } from '../http/exchange.ts'
import { hostName, tlsOptions } from './connect.ts'
import type { Settings } from './settings.ts'

/**
 * Sends a request by Node's own client, whose agents decide about connections: proxies, limits, pools. Otherwise as `exchange`.
 */
export async function exchangeByAgent(
  message: Message,
  settings: Settings,
  socketPath: string | undefined,
): Promise<Outcome> {
  if (message.signal?.aborted) throw abortError(message)
  const isSecure = settings.protocol === 'https' && socketPath === undefined
  const { request } = await (isSecure ? import('node:https') : import('node:http'))
  const call = request({ ...requestOptions(message, settings, socketPath), ...tlsOptions(settings) })
  const outcome = outcomeOf(call, message, settings.timeout)
  const { body, keepOpen } = message
  if (body instanceof Readable) {
    call.once('close', () => body.destroy())
    body.on('error', error => call.destroy(error)).pipe(call)
  } else if (keepOpen) call.flushHeaders()
  else call.end(body)
  return outcome
}

function requestOptions(
  { method, path, headers, body, keepOpen }: Message,
  settings: Settings,
  socketPath: string | undefined,
): RequestOptions {
  const place = socketPath === undefined ? { host: hostName(settings), port: settings.port } : { socketPath }
  const isChunked = body instanceof Readable || keepOpen
  return {
    ...place,
    method,
    path,
    headers: { ...headers, ...(isChunked ? { 'Transfer-Encoding': 'chunked' } : {}) },
    agent: settings.agent,
  }
}

function outcomeOf(call: ClientRequest, message: Message, timeout: number | undefined): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => void call.destroy(asError(abortError(message)))
    message.signal?.addEventListener('abort', onAbort, { once: true })
    call.once('close', () => message.signal?.removeEventListener('abort', onAbort))
    call.on('error', reject)
    if (timeout !== undefined) call.setTimeout(timeout, () => call.destroy(timedOut(message, timeout)))
    call.once('upgrade', (_answer, socket, head) => {
      if (head.length > 0) socket.unshift(head)
      resolve({ kind: 'upgrade', socket })
    })
    call.once('response', response => {
      const requestBody = message.keepOpen ? call : undefined
      resolve({ kind: 'answer', answer: answerOf(response), requestBody })
    })
  })
}

function answerOf(response: IncomingMessage): Answer {
  const { statusCode = 0, headers } = response
  const texts = Object.entries(headers).map(([name, value]) => [name, String(value)])
  const head = { status: statusCode, headers: Object.fromEntries(texts), keepsAlive: false }
  const answer = new Answer(head, {
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    abandon: () => void response.destroy(),
  })
  response.on('data', (chunk: Buffer) => answer.deliver(chunk))
  response.once('end', () => answer.deliver(null))
  response.once('error', error => answer.destroy(error))
  return answer
}

function abortError({ signal, abortError: made }: Message): unknown {
  return made === undefined ? signal?.reason : made(signal?.reason)
}

function asError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value))
}
