import type { Project, Service } from '../../model/index.ts'
import { argvOf, baseName, shellOf } from '../facts/argv.ts'
import { lastCommand, shellKind } from '../facts/shell-script.ts'
import { perService, type Rule } from '../rule.ts'

/** PID1_IGNORES_SIGTERM: the kernel drops signals without a handler that go to the first process of a namespace. */
export const pid1IgnoresSigterm: Rule = {
  code: 'PID1_IGNORES_SIGTERM',
  severity: 'warning',
  about: 'The first process of a container ignores SIGTERM: each stop takes the whole grace period',
  find: perService(function* ({ project, name, service, path }) {
    const argv = argvOf(service)
    if (argv === undefined || !isFirstProcess(service) || isOneShot(project, name)) return
    const reason = deafness(argv.words, service.image)
    if (reason === undefined) return
    yield {
      path: [...path, argv.attribute],
      summary: `${reason}: each stop takes the whole stop_grace_period and ends with SIGKILL`,
      hint: 'write exec before the last command of the script, or add init: true',
    }
  }),
}

function isFirstProcess({ init, stop_signal: signal, pid }: Service): boolean {
  return init !== true && pid === undefined && !/^(?:SIG)?KILL$|^9$/.test(signal ?? '')
}

/** What others wait to finish is not stopped in the middle of its work. */
function isOneShot({ model }: Project, name: string): boolean {
  return Object.values(model.services).some(
    service => service.depends_on?.[name]?.condition === 'service_completed_successfully',
  )
}

/** Why the first process does not hear SIGTERM; undefined where nothing says that it does not. */
function deafness(words: readonly string[], image: string | undefined): string | undefined {
  const call = shellOf(words)
  if (call === undefined) return idles(words) ? `"${words.join(' ')}" ignores SIGTERM` : undefined
  if (call.script === undefined) {
    const readsInput = call.rest.every(word => word.startsWith('-'))
    return readsInput ? `the shell "${words.join(' ')}" ignores SIGTERM` : undefined
  }
  const kind = shellKind(call.shell, image)
  const last = lastCommand(call.script, kind)
  if (last === undefined) return undefined
  if (last.stays) {
    // The image alone knows which shell its sh is.
    const isSure = call.shell !== 'sh' || kind === 'busybox' || lastCommand(call.script, 'busybox')?.stays
    const where = isSure ? '' : ', if sh is dash as in Debian and Ubuntu,'
    return `"${call.shell} -c" stays the first process${where} and does not pass SIGTERM on`
  }
  return idles(last.words) ? `"${last.words.join(' ')}" ignores SIGTERM` : undefined
}

/** Programs that only keep a container alive, and handle no signal. */
function idles([first = '', ...rest]: readonly string[]): boolean {
  const name = baseName(first)
  return name === 'sleep' || (name === 'tail' && rest.includes('/dev/null'))
}
