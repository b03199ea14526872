import { failure } from '../../diagnostics/index.ts'
import { port } from '../../project/port.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { choice, given, number } from '../option.ts'
import { targetOf } from '../target.ts'

/** `tscompose port`. */
export const command: Command = defineCommand({
  description: "Prints the host's address and port for a port of a service, as ADDRESS:PORT.",
  options: {
    protocol: choice('--protocol <protocol>', 'tcp or udp', ['tcp', 'udp']),
    index: number('--index <number>', 'This container of a service that has several'),
  },
  examples: [['tscompose port web 80', '0.0.0.0:8080']],
  run: async (context, [service = '', text = ''], { protocol: asked, index }) => {
    const [number = '', slashed] = text.split('/')
    if (!/^\d+$/.test(number))
      throw failure({
        code: 'FLAG_VALUE',
        kind: 'invalidArgument',
        summary: `port: got "${text}", want a port such as 80 or 53/udp`,
      })
    const published = await port(targetOf(context), service, Number(number), {
      ...given({ protocol: asked ?? slashed, index }),
    })
    const { address } = published
    context.streams.stdout.write(`${address.includes(':') ? `[${address}]` : address}:${published.port}\n`)
    return EXIT.ok
  },
})
