import { pipeline } from 'node:stream/promises'
import type { Route } from '../../routes.ts'
import type { ContainerWaiter, PathStat, ProgressMessage } from '../../types/index.ts'
import type { Exchange } from '../exchange.ts'
import type { AttachAnswer, LogAnswer, TarAnswer, UpgradeAnswer } from '../handler.ts'
import { sendAttach, sendWebSocket } from './attach.ts'
import { asFailure, describe } from './error.ts'
import { sendLines, sendProgress } from './lines.ts'
import { sendLog } from './log.ts'
import { telling } from './telling.ts'
import { sendBytes, sendJson, write } from './write.ts'

/** Sends what a handler gave, in the way that its row of the table says. */
export async function sendAnswer(exchange: Exchange, route: Route, answer: unknown): Promise<void> {
  const status = successOf(route)
  // A handler's answer has the type of its route's kind: `AnswerOf` holds them together.
  switch (route.answer) {
    case 'empty':
      return sendNothing(exchange, status)
    case 'json':
      return answer === undefined ? sendNothing(exchange, 204) : sendJson(exchange.response(), status, answer)
    case 'text':
      return sendBytes(exchange.response(), status, 'text/plain; charset=utf-8', answer as string)
    case 'stat':
      return sendStat(exchange, status, answer as PathStat)
    case 'tar':
      return sendTar(exchange, status, answer as TarAnswer)
    case 'wait':
      return sendWait(exchange, status, answer as ContainerWaiter)
    case 'lines':
      return sendLines(exchange, status, answer as AsyncIterable<unknown>)
    case 'progress':
      return sendProgress(exchange, status, answer as AsyncIterable<ProgressMessage>)
    case 'log':
      return sendLog(exchange, status, answer as LogAnswer)
    case 'upgrade':
      return sendUpgrade(exchange, answer as UpgradeAnswer)
    case 'attach':
      return answer === undefined ? sendNothing(exchange, 200) : sendAttach(exchange, answer as AttachAnswer)
    case 'webSocket':
      return sendWebSocket(exchange, answer as AttachAnswer)
  }
}

/** The status of a route's answer that is none of an error. */
export function successOf({ status, answer }: Route): number {
  return status ?? (answer === 'empty' ? 204 : 200)
}

function sendNothing(exchange: Exchange, status: number): void {
  const response = exchange.response()
  response.writeHead(status, status === 204 ? {} : { 'Content-Length': 0 })
  response.end()
}

async function sendUpgrade(exchange: Exchange, { protocol, serve }: UpgradeAnswer): Promise<void> {
  await serve(exchange.upgrade(protocol))
}

function statHeader(stat: PathStat): Record<string, string> {
  return { 'X-Docker-Container-Path-Stat': Buffer.from(JSON.stringify(stat)).toString('base64') }
}

function sendStat(exchange: Exchange, status: number, stat: PathStat): void {
  exchange.response().writeHead(status, statHeader(stat)).end()
}

async function sendTar(exchange: Exchange, status: number, { tar, stat, onSent }: TarAnswer): Promise<void> {
  const response = exchange.response()
  const headers = stat === undefined ? {} : statHeader(stat)
  response.writeHead(status, { 'Content-Type': 'application/x-tar', ...headers })
  // An archive that breaks off must not look whole: pipeline destroys the connection.
  await pipeline(tar, onSent === undefined ? response : telling(response, onSent))
}

/** Headers at once: `docker run` starts the container when it has them. */
async function sendWait(exchange: Exchange, status: number, waiter: ContainerWaiter): Promise<void> {
  const response = exchange.response()
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.flushHeaders()
  const value = await exitOf(waiter, () => exchange.signal.aborted)
  await write(response, `${JSON.stringify(value)}\n`, exchange.signal)
  response.end()
}

/** The exit that is waited for, or why there is none; throws where the client `isGone`. */
export async function exitOf({ result }: ContainerWaiter, isGone: () => boolean): Promise<unknown> {
  try {
    return await result
  } catch (error) {
    if (isGone()) throw error
    return { StatusCode: -1, Error: { Message: describe(asFailure(error)) } }
  }
}
