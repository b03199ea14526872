import type { Project, Service } from '../../model/index.ts'
import { argvOf, shellOf } from '../facts/argv.ts'
import { lastCommand, shellKind } from '../facts/shell-script.ts'
import { perService, type Rule } from '../rule.ts'

/** PID1_IGNORES_SIGTERM: the kernel drops signals without a handler that go to the first process of a namespace. */
export const pid1IgnoresSigterm: Rule = {
  code: 'PID1_IGNORES_SIGTERM',
  severity: 'warning',
  about: 'A shell is the first process of a container: the program in its script is killed without a SIGTERM',
  find: perService(function* ({ project, name, service, path }) {
    const argv = argvOf(service)
    if (argv === undefined || !isFirstProcess(service) || isOneShot(project, name)) return
    const reason = deafness(argv.words, service.image)
    if (reason === undefined) return
    yield {
      path: [...path, argv.attribute],
      summary: `${reason}: what it runs is killed without having heard that it is to stop`,
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

/**
 * Why what the container is for does not hear SIGTERM; undefined where nothing says that it does not. What merely keeps a
 * container alive (`sleep infinity`) ignores it too and loses nothing: the engine sees that nobody listens, and waits for nobody.
 */
function deafness(words: readonly string[], image: string | undefined): string | undefined {
  const call = shellOf(words)
  if (call?.script === undefined) return undefined
  const kind = shellKind(call.shell, image)
  const last = lastCommand(call.script, kind)
  if (last?.stays !== true) return undefined
  // The image alone knows which shell its sh is.
  const isSure = call.shell !== 'sh' || kind === 'busybox' || lastCommand(call.script, 'busybox')?.stays
  const where = isSure ? '' : ', if sh is dash as in Debian and Ubuntu,'
  return `"${call.shell} -c" stays the first process${where} and passes no SIGTERM on`
}
