import { readIfThereSync } from '../../linux/read-if-there.ts'
import { listenerPlace } from '../../network/index.ts'
import { LOCALHOST } from '../front/routes.ts'
import type { NamedPort } from '../state/context.ts'
import { waitingAt } from './listening.ts'
import { type ContainerSight, inPlace, type Thing } from './thing.ts'

/** The names of instances below localhost: that the front door listens at their ports. What another program has there is his, and no drift. */
export const LOCAL_NAMES: Thing<ContainerSight> = {
  paths: ['name'],
  outlasts: true,
  observe({ engine, container }) {
    const ports = engine.localNames.portsOf(container)
    const isStopped = ports.length > 0 && isStoppedProcess(engine.localNames.pid)
    return ports.flatMap(port => {
      const got = isStopped && port.state === 'answers' ? 'the front door is stopped' : wrong(port)
      return got === undefined
        ? []
        : [inPlace({ path: `name.${port.name}:${port.port}`, want: 'answers', got })]
    })
  },
  repair: ({ engine }) => engine.localNames.tryAgain(),
}

function isStoppedProcess(pid: number | undefined): boolean {
  const stat = pid === undefined ? undefined : readIfThereSync(`/proc/${pid}/stat`)
  return stat !== undefined && /\) T /.test(stat)
}

function wrong({ port, state }: NamedPort): string | undefined {
  const listeners = waitingAt('tcp')
  const has = (address: string): boolean => listeners.has(listenerPlace(address, port))
  if (state === 'answers') return has('127.0.0.1') ? undefined : 'nobody listens'
  return state === 'taken' && !LOCALHOST.some(has) ? 'the port is free again' : undefined
}
