import { spans } from '../diagnostics/index.ts'
import type { Native } from './native.ts'

/** The native program as it is, with the time that each of its processes takes among the spans of a trace. */
export function traced<N extends Native>(native: N): N {
  return {
    ...native,
    run: program => spans.during('native run', () => native.run(program)),
    startMonitor: program => spans.during('native monitor', () => native.startMonitor(program)),
    connectMonitor: path => spans.during('native connect', () => native.connectMonitor(path)),
    runForeground: (program, options) =>
      spans.during('native foreground', () => native.runForeground(program, options)),
    exec: (program, options) => spans.during('native exec', () => native.exec(program, options)),
    holdUserns: program => spans.during('native user namespace', () => native.holdUserns(program)),
  }
}
