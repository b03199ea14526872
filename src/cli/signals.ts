/** Signals that come to whoever typed the command. */
export interface Signals {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): void
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): void
  /** Does what the terminal's keys do with it: the signal goes to whoever typed the command. */
  raise(signal: NodeJS.Signals): void
}

/** Those of this very process, which is what was typed. */
export const ownSignals: Signals = {
  on: (signal, listener) => void process.on(signal, listener),
  off: (signal, listener) => void process.off(signal, listener),
  raise: signal => void process.kill(process.pid, signal),
}
