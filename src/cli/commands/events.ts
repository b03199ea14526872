import { type ContainerEvent, oomOfEvent, oomText } from '../../project/container-events.ts'
import { events } from '../../project/events.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { watchInterrupts } from '../interrupt.ts'
import { readMoment } from '../moment.ts'
import { flag, given, text } from '../option.ts'
import { targetOf } from '../target.ts'
import { type Instant, isoTime, localClock, localDay } from '../views/instant.ts'

/** `tscompose events`. */
export const command: Command = defineCommand({
  description:
    'Prints what happens to the containers of the project as it happens, until it is interrupted or the time of --until has come.',
  options: {
    json: flag('--json', 'One JSON object a line'),
    since: text(
      '--since <time>',
      'From this time on, as far as the engine remembers: 2026-01-02T13:23:37Z or 42m',
    ),
    until: text(
      '--until <time>',
      'Up to this time; without --since from as far back as the engine remembers',
    ),
  },
  examples: [['tscompose events --json --since 10m web', 'what happened to web, and what does']],
  run: async (context, services, { json, since, until }) => {
    const request = given({
      since: since === undefined ? undefined : Number(readMoment('--since', since)),
      until: until === undefined ? undefined : Number(readMoment('--until', until)),
    })
    const interrupts = watchInterrupts(context.signals)
    try {
      // Runs of `run` are none of the project's services.
      for await (const event of events(targetOf(context), {
        services,
        ...request,
        signal: interrupts.graceful,
      }))
        if (event.attributes['com.docker.compose.oneoff'] !== 'True')
          context.streams.stdout.write(`${json ? jsonLine(event) : textLine(event)}\n`)
    } finally {
      interrupts.dispose()
    }
    return EXIT.ok
  },
})

/** The fields of Docker Compose. */
function jsonLine(event: ContainerEvent): string {
  const { action, id, service, time } = event
  const attributes = Object.fromEntries(attributesOf(event))
  return JSON.stringify({
    action,
    attributes,
    id,
    service,
    time: isoTime(instantOf(time)),
    type: 'container',
  })
}

/** `2026-11-28 14:33:59.461991 container die <id> (exitCode=0, name=web-1)`, in local time. */
function textLine(event: ContainerEvent): string {
  const { action, id, time } = event
  const instant = instantOf(time)
  const attributes = attributesOf(event).map(([name, value]) => `${name}=${value}`)
  const words = action === 'oom' ? `: ${oomText(oomOfEvent(event.attributes))}` : ''
  return `${localDay(instant)} ${localClock(instant)} container ${action} ${id} (${attributes.join(', ')})${words}`
}

/** A time has no more digits than microseconds by now. */
const instantOf = (time: number): Instant => ({
  seconds: Math.floor(time),
  microseconds: Math.floor((time % 1) * 1e6),
})

/** Without the labels of Compose and ours, by name. */
function attributesOf({ attributes }: ContainerEvent): [string, string][] {
  return Object.entries(attributes)
    .filter(([name]) => !/^com\.(?:docker\.compose|tscompose)\./.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
}
