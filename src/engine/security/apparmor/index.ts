/** Profiles of AppArmor: our own, and those that containers ask for by name. */
export { apparmorProfile } from './choice.ts'
export { type AppArmor, type AppArmorKernel, openAppArmor } from './kernel.ts'
