/* A driver of SANE for a feeder with a sensor for paper, a button and a counter of sheets.
 *
 * What the device feels stands in the file that DESK_STATE names: "paper button counter lost", four numbers.
 * Each sheet that is drawn in takes one from the paper and adds one to the counter; `lost` of them give no
 * image. Sheets are grey, 8 bits, each as dark as its number.
 */
#include <sane/sane.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT, RESOLUTION, LEFT, TOP, RIGHT, BOTTOM, LOADED, BUTTON, COUNTER, OPTIONS };

typedef struct { int paper, button, counter, lost; } State;

static const SANE_Device device = {"one", "Sohoa", "Desk", "sheet-fed scanner"};
static const SANE_Device *devices[] = {&device, NULL};
static const SANE_Range area = {0, SANE_FIX(300), 0};
static const SANE_Word resolutions[] = {2, 200, 300};
static SANE_Option_Descriptor described[OPTIONS];
static SANE_Word values[OPTIONS];
static int left_to_read, sheet, busy;

static State state(void) {
    State now = {0, 0, 0, 0};
    FILE *file = fopen(getenv("DESK_STATE"), "r");
    if (file) {
        if (fscanf(file, "%d %d %d %d", &now.paper, &now.button, &now.counter, &now.lost) != 4) now.paper = 0;
        fclose(file);
    }
    return now;
}

static void keep(State now) {
    FILE *file = fopen(getenv("DESK_STATE"), "w");
    if (file) {
        fprintf(file, "%d %d %d %d", now.paper, now.button, now.counter, now.lost);
        fclose(file);
    }
}

static void describe(int option, const char *name, SANE_Value_Type type, SANE_Unit unit, SANE_Int cap) {
    SANE_Option_Descriptor *one = &described[option];
    one->name = one->title = one->desc = name;
    one->type = type;
    one->unit = unit;
    one->size = sizeof(SANE_Word);
    one->cap = cap;
}

SANE_Status sane_desk_init(SANE_Int *version, SANE_Auth_Callback authorize) {
    const int soft = SANE_CAP_SOFT_SELECT | SANE_CAP_SOFT_DETECT;
    const int sensor = SANE_CAP_SOFT_DETECT | SANE_CAP_HARD_SELECT;
    (void)authorize;
    if (version) *version = SANE_VERSION_CODE(1, 0, 0);
    describe(COUNT, "", SANE_TYPE_INT, SANE_UNIT_NONE, SANE_CAP_SOFT_DETECT);
    describe(RESOLUTION, "resolution", SANE_TYPE_INT, SANE_UNIT_DPI, soft);
    described[RESOLUTION].constraint_type = SANE_CONSTRAINT_WORD_LIST;
    described[RESOLUTION].constraint.word_list = resolutions;
    const char *sides[] = {"tl-x", "tl-y", "br-x", "br-y"};
    for (int side = 0; side < 4; side++) {
        describe(LEFT + side, sides[side], SANE_TYPE_FIXED, SANE_UNIT_MM, soft);
        described[LEFT + side].constraint_type = SANE_CONSTRAINT_RANGE;
        described[LEFT + side].constraint.range = &area;
    }
    describe(LOADED, "page-loaded", SANE_TYPE_BOOL, SANE_UNIT_NONE, sensor);
    describe(BUTTON, "scan", SANE_TYPE_BOOL, SANE_UNIT_NONE, sensor);
    describe(COUNTER, "roller-counter", SANE_TYPE_INT, SANE_UNIT_NONE, SANE_CAP_SOFT_DETECT);
    values[COUNT] = OPTIONS;
    values[RESOLUTION] = 200;
    values[RIGHT] = values[BOTTOM] = SANE_FIX(50);
    return SANE_STATUS_GOOD;
}

void sane_desk_exit(void) {}

SANE_Status sane_desk_get_devices(const SANE_Device ***list, SANE_Bool local) {
    (void)local;
    *list = devices;
    return SANE_STATUS_GOOD;
}

SANE_Status sane_desk_open(SANE_String_Const name, SANE_Handle *handle) {
    (void)name;
    *handle = values;
    sheet = busy = 0;
    return SANE_STATUS_GOOD;
}

void sane_desk_close(SANE_Handle handle) { (void)handle; }

const SANE_Option_Descriptor *sane_desk_get_option_descriptor(SANE_Handle handle, SANE_Int option) {
    (void)handle;
    return option < 0 || option >= OPTIONS ? NULL : &described[option];
}

SANE_Status sane_desk_control_option(SANE_Handle handle, SANE_Int option, SANE_Action action, void *value,
                                     SANE_Int *info) {
    const State now = state();
    (void)handle;
    if (option < 0 || option >= OPTIONS) return SANE_STATUS_INVAL;
    if (action == SANE_ACTION_SET_VALUE) {
        if (!SANE_OPTION_IS_SETTABLE(described[option].cap)) return SANE_STATUS_INVAL;
        values[option] = *(SANE_Word *)value;
        if (info) *info = SANE_INFO_RELOAD_PARAMS;
        return SANE_STATUS_GOOD;
    }
    if (action != SANE_ACTION_GET_VALUE) return SANE_STATUS_UNSUPPORTED;
    *(SANE_Word *)value = option == LOADED    ? now.paper > 0
                          : option == BUTTON  ? now.button
                          : option == COUNTER ? now.counter
                                              : values[option];
    return SANE_STATUS_GOOD;
}

static int pixels(int from, int to) {
    return (int)(SANE_UNFIX(values[to] - values[from]) * values[RESOLUTION] / 25.4 + 0.5);
}

SANE_Status sane_desk_get_parameters(SANE_Handle handle, SANE_Parameters *parameters) {
    (void)handle;
    parameters->format = SANE_FRAME_GRAY;
    parameters->last_frame = SANE_TRUE;
    parameters->depth = 8;
    parameters->pixels_per_line = parameters->bytes_per_line = pixels(LEFT, RIGHT);
    parameters->lines = pixels(TOP, BOTTOM);
    return SANE_STATUS_GOOD;
}

SANE_Status sane_desk_start(SANE_Handle handle) {
    State now = state();
    (void)handle;
    if (now.paper < 1) return SANE_STATUS_NO_DOCS;
    while (now.lost > 0 && now.paper > 1) {
        now.lost--, now.paper--, now.counter++;
    }
    now.paper--, now.counter++;
    keep(now);
    sheet++;
    left_to_read = pixels(LEFT, RIGHT) * pixels(TOP, BOTTOM);
    return SANE_STATUS_GOOD;
}

SANE_Status sane_desk_read(SANE_Handle handle, SANE_Byte *data, SANE_Int most, SANE_Int *length) {
    (void)handle;
    *length = most < left_to_read ? most : left_to_read;
    if (!*length) return SANE_STATUS_EOF;
    memset(data, 10 * sheet, *length);
    left_to_read -= *length;
    return SANE_STATUS_GOOD;
}

void sane_desk_cancel(SANE_Handle handle) { (void)handle; }

SANE_Status sane_desk_set_io_mode(SANE_Handle handle, SANE_Bool non_blocking) {
    (void)handle;
    return non_blocking ? SANE_STATUS_UNSUPPORTED : SANE_STATUS_GOOD;
}

SANE_Status sane_desk_get_select_fd(SANE_Handle handle, SANE_Int *fd) {
    (void)handle, (void)fd;
    return SANE_STATUS_UNSUPPORTED;
}
