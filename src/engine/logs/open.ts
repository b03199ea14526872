import type { LogOptions, LogStream } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import type { Container } from '../containers/container.ts'
import { readLog } from './read.ts'

/** `GET /containers/{id}/logs`. LOG_UNREADABLE with log driver `none`. */
export function openContainerLog(container: Container, options: LogOptions, signal: AbortSignal): LogStream {
  const { config, hostConfig } = container.record
  if (hostConfig.LogConfig?.Type === 'none') {
    throw failure({
      code: 'LOG_UNREADABLE',
      kind: 'notImplemented',
      summary: 'configured logging driver does not support reading',
    })
  }
  const { live } = container
  const ended = live?.settled.then(() => container.monitorGone)
  return { tty: config.Tty === true, records: readLog({ path: container.paths.log, ended }, options, signal) }
}
