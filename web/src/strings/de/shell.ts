import type { Strings } from '../en'

export const shell: Strings['shell'] = {
  project: 'Projekt',
  newProject: 'Neues Projekt …',
  manageProjects: 'Projekte und Mitglieder',
  shortcuts: 'Tastenkürzel',
  anywhere: 'Überall',
  goTo: (place) => `Zu: ${place}`,
  everything: 'Alles',
  notices: (n) => (n ? `Mitteilungen, ${n} ungelesen` : 'Mitteilungen'),
  actions: 'Aktionen',
  language: 'English',
  languageMore: 'Sprache',
  working: (n) => `${n} in Arbeit`,
  cancelled: (title) => `„${title}“ wurde angehalten. Was fertig ist, bleibt.`,
  goOn: 'Weitermachen',
  done: (a, b) => `${a} von ${b}`,
  new: 'Neu',
  undone: 'Rückgängig gemacht.',
}

export const roles: Strings['roles'] = {
  owner: 'Inhaber',
  editor: 'Bearbeiter',
  viewer: 'Leser',
  administrator: 'Verwalter',
  member: 'Mitglied',
}
