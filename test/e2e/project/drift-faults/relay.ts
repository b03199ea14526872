import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { errnoOf } from '../../../../src/diagnostics/index.ts'
import type { Fault } from './fault.ts'
import { type DriftedProject, HOST } from './project.ts'

/** The monitor's child that is called so, whose container this is. */
function childOf(at: DriftedProject, service: string, name: string): number {
  const monitor = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${at.of(service).pid}/status`, 'utf8'))?.[1]
  const children = readFileSync(`/proc/${monitor}/task/${monitor}/children`, 'utf8').trim().split(' ')
  const isIt = (pid: string): boolean =>
    readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === name ||
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(`${name}\0`)
  return Number(children.find(isIt))
}

/** A child of web's monitor gets a signal, and is there again, or goes on, without anybody's doing. */
function signalled(name: string, child: string, signal: NodeJS.Signals): Fault {
  let before = Number.NaN
  return {
    name,
    inject: at => {
      before = childOf(at, 'web', child)
      process.kill(before, signal)
    },
    seen: [],
    healsItself: at => {
      const now = childOf(at, 'web', child)
      if (signal === 'SIGKILL') return now > 0 && now !== before
      return now === before && !/^State:\s*T/m.test(readFileSync(`/proc/${now}/status`, 'utf8'))
    },
  }
}

/** Resolves when somebody has accepted there, whatever he does then; ECONNREFUSED where nobody listens. */
function reached(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, HOST)
    socket.once('error', error => (errnoOf(error) === 'ECONNREFUSED' ? reject(error) : resolve()))
    socket.once('connect', () => {
      socket.destroy()
      resolve()
    })
  })
}

/** What can happen to published ports, and to the processes behind a container. */
export const RELAY_FAULTS: readonly Fault[] = [
  {
    name: 'a listening socket is closed',
    inject: at => void at.host(`ss -K -t -l src ${HOST} sport = :18301`),
    seen: [`web-1 port.${HOST}:18301/tcp`],
    check: () => reached(18301),
  },
  signalled('a relay is killed', 'tscompose-relay', 'SIGKILL'),
  signalled('a relay is stopped', 'tscompose-relay', 'SIGSTOP'),
  signalled('a guard is killed', 'tscompose-guard', 'SIGKILL'),
  signalled('a guard is stopped', 'tscompose-guard', 'SIGSTOP'),
]
