import { createInterface } from 'node:readline/promises'
import { text } from 'node:stream/consumers'
import { Interrupted } from '../../project/failures.ts'
import type { CommandContext } from '../command.ts'

const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const BACKSPACES = ['\u007f', '\b']

/** Asks for a line on a terminal. */
export async function askLine({ streams }: CommandContext, question: string): Promise<string> {
  const lines = createInterface({ input: streams.stdin, output: streams.stderr, terminal: false })
  const closed = new Promise<string>(resolve => lines.once('close', () => resolve('')))
  try {
    return (await Promise.race([lines.question(question), closed])).trim()
  } finally {
    lines.close()
  }
}

/** Asks for a line that nobody is to see. Throws Interrupted at Ctrl-C. */
export async function askSecret({ streams }: CommandContext, question: string): Promise<string> {
  const { stdin, stderr } = streams
  stderr.write(question)
  stdin.setRawMode(true).setEncoding('utf8').resume()
  let secret = ''
  try {
    return await new Promise<string>((resolve, reject) => {
      const onData = (typed: string): void => {
        for (const key of typed) {
          if (key === CTRL_C) {
            reject(new Interrupted('refused'))
            return
          }
          if (key === '\r' || key === '\n' || key === CTRL_D) {
            resolve(secret)
            return
          }
          secret = BACKSPACES.includes(key) ? [...secret].slice(0, -1).join('') : secret + key
        }
      }
      stdin.on('data', onData).once('end', () => resolve(secret))
    })
  } finally {
    stdin.removeAllListeners('data').removeAllListeners('end').setRawMode(false).pause()
    stderr.write('\n')
  }
}

/** A secret that is piped in, without the end of its line. */
export async function readSecret({ streams }: CommandContext): Promise<string> {
  return (await text(streams.stdin)).replace(/\r?\n$/, '')
}
