/* SPDX-License-Identifier: MIT */
/* Statistics that are printed when the machine ends (HUSK_OPTION_STATS). */
#include "boot/console.h"

void machine_report_statistics(void)
{
}
