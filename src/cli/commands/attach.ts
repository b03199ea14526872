import { attach } from '../../project/attach.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { goOnWithContainer, joinContainer, leaveTo, outputTo } from '../joined.ts'
import { flag, flagOn, given, number, text } from '../option.ts'
import { targetOf } from '../target.ts'

/** `tscompose attach`. */
export const command: Command = defineCommand({
  description:
    "Shows what the first process of a service's container writes from now on, gives it what is typed, and returns its exit status. With\n" +
    'a terminal, Ctrl-P Ctrl-Q lets go of it and leaves it running.',
  options: {
    index: number('--index <number>', 'This container of a service that has several'),
    detachKeys: text('--detach-keys <keys>', 'Let go with these keys, as in ctrl-x,q'),
    noStdin: flag('--no-stdin', 'Give it no input'),
    sigProxy: flagOn(
      '--sig-proxy',
      'Pass signals on to the process; --sig-proxy=false: they end the command alone',
    ),
  },
  examples: [['tscompose attach --sig-proxy=false web', 'watch it; Ctrl-C leaves it running']],
  run: async (context, [service = ''], { index, detachKeys, noStdin, sigProxy }) => {
    const { streams, globals } = context
    if (globals.dryRun) return EXIT.ok
    const { left } = context
    const joining = { signals: sigProxy, ...given({ detachKeys }) }
    const status = left === undefined ? undefined : await goOnWithContainer(context, left, joining)
    if (status !== undefined) return status
    const attached = await attach(targetOf(context), service, {
      stdin: !noStdin,
      ...given({ index, detachKeys }),
      ...outputTo(context),
      ...leaveTo(context.ifLost),
    })
    const stdin = !noStdin && attached.stdinOpen
    const tty = attached.tty && streams.stdout.isTTY === true && streams.stdin.isTTY === true && stdin
    return joinContainer(context, attached, { tty, stdin, signals: sigProxy })
  },
})
