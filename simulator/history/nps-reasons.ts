export const reasonsByMood: Readonly<Record<"promoter" | "passive" | "detractor", readonly string[]>> = {
  promoter: [
    "Keep up the great work!",
    "Support answered within minutes 🙌",
    "Spart uns jede Woche Stunden – danke!",
    "毎日使っています。とても便利です。",
    'It "just works".\nOur whole team moved over in a week.',
    "J'adore l'export automatique, c'est exactement ce qu'il nous fallait.",
  ],
  passive: [
    "Good, but the search is slow.",
    "Solide Sache, nur die mobile App fehlt noch etwas hinterher.",
    "ok",
    "Fine for reports; I'd like <b>more</b> chart types & filters.",
    "Prix un peu élevé par rapport à l'usage.",
  ],
  detractor: [
    "Crashes every time I export more than 10,000 rows.",
    "0",
    "Zu teuer, und seit dem letzten Update fehlen unsere Filter.",
    "サポートの返事が来ません。",
    "I asked three times and nobody answered. We are looking at alternatives.",
    `Where do I start…\n${"The dashboard takes half a minute to load, and then half of the widgets stay empty until I reload the page. ".repeat(6)}\nPlease fix it.`,
    "'; --  I can't type an apostrophe in the search box",
  ],
};
