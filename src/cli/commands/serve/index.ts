import { serve } from '../../../project/serve/serve.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { whileInterruptible } from '../../interrupt.ts'
import { OPTIONS, requestOf } from './options.ts'

/** `tscompose serve`. */
export const command: Command = defineCommand({
  description:
    'Keeps the engine up until it is interrupted, and gives its API to others: at sockets, over TLS, or a part of it. Containers go on when it ends. Sockets that systemd passes are taken (-H fd://), and systemd hears when everybody is served.',
  options: OPTIONS,
  examples: [
    ['tscompose serve -H unix:///run/docker.sock --group docker', 'what finds Docker there uses this engine'],
    [
      'tscompose serve -H tcp://0.0.0.0:2376 --tlsverify --tlscacert ca.pem --tlscert cert.pem --tlskey key.pem',
      'other machines may use it, with certificates of the authority',
    ],
    [
      'tscompose serve --socket /run/shop.sock --project shop --read-only',
      'a reverse proxy sees the containers of shop, and nothing else',
    ],
  ],
  run: async (context, _args, options) => {
    const { env, streams } = context
    const say = (line: string): void => void streams.stderr.write(`${line}\n`)
    const request = requestOf(context, options)
    await whileInterruptible(context.signals, signal =>
      serve(
        { env },
        {
          ...request,
          signal,
          onTrouble: say,
          onListening: addresses => {
            if (addresses.length === 0) say('Keeps the engine up')
            for (const address of addresses) say(`Listens at ${address}`)
          },
        },
      ),
    )
    return EXIT.ok
  },
})
