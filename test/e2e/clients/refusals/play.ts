import { request } from 'node:http'
import { LEFT, REFUSALS, type Refusal } from './cases.ts'

/** Asks all, and gives what an engine said: a line each, with what differs from run to run taken out. */
export async function playRefusals(socketPath: string): Promise<readonly string[]> {
  await playAll(socketPath, LEFT)
  try {
    return await playAll(socketPath, REFUSALS)
  } finally {
    await playAll(socketPath, LEFT)
  }
}

async function playAll(socketPath: string, refusals: readonly Refusal[]): Promise<readonly string[]> {
  const lines: string[] = []
  for (const refusal of refusals) {
    const line = await play(socketPath, refusal)
    if (refusal.prepares !== true) lines.push(line)
  }
  return lines
}

/** The status, and the message where there is one: what comes with success is another test's matter. */
function play(socketPath: string, { name, method, path, body }: Refusal): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'Content-Type': 'application/json' }
    const call = request({ socketPath, method, path: `/v1.51${path}`, headers, agent: false }, answer => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        text += chunk
      })
      answer.on('error', reject)
      answer.on('end', () => resolve(`${name}: ${answer.statusCode}${messageOf(text)}`))
    })
    call.on('error', reject)
    call.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body))
  })
}

function messageOf(text: string): string {
  const found = /^\{"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1]
  return found === undefined
    ? ''
    : ` ${found.replace(/\b[0-9a-f]{64}\b/g, '<id>').replace(/\b[0-9a-f]{12}\b/g, '<short>')}`
}
