package sohoa.conformance;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.verapdf.core.EncryptedPdfException;
import org.verapdf.core.ModelParsingException;
import org.verapdf.core.ValidationException;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.Rule;
import org.verapdf.pdfa.validation.profiles.RuleId;

/**
 * Says of each PDF file whether it conforms to a flavour of PDF/A: one JSON object a line.
 *
 * <p>A file that can't be read, or over which veraPDF breaks down, is no proof of conformance: it fails the
 * clause "unreadable" or "not-judged". Leaves with 0 when every file has its line, 2 when called wrongly.
 */
public final class Judge {

    private static final String USAGE = "usage: Judge [--flavour 2b] FILE.pdf ...";
    private static final String UNREADABLE = "unreadable";
    private static final String NOT_JUDGED = "not-judged";
    private static final boolean FAILURES_ONLY = false;

    private final ObjectMapper json = new ObjectMapper();
    private final PDFAFlavour flavour;

    private Judge(PDFAFlavour flavour) {
        this.flavour = flavour;
    }

    public static void main(String[] arguments) throws IOException {
        List<String> files = new ArrayList<>(List.of(arguments));
        String wanted = "2b";
        if (files.size() > 1 && files.get(0).equals("--flavour")) {
            wanted = files.get(1);
            files.subList(0, 2).clear();
        }
        if (files.isEmpty() || !PDFAFlavour.getFlavourIds().contains(wanted)) {
            System.err.println(USAGE);
            System.exit(2);
        }
        Logger.getLogger("").setLevel(Level.SEVERE);
        VeraGreenfieldFoundryProvider.initialise();
        Judge judge = new Judge(PDFAFlavour.byFlavourId(wanted));
        for (String file : files) {
            System.out.println(judge.verdictOn(new File(file)));
        }
    }

    private String verdictOn(File file) throws IOException {
        if (!file.isFile()) {
            throw new IOException("no such file: " + file);
        }
        try (PDFAParser parser = Foundries.defaultInstance().createParser(file, flavour);
                PDFAValidator validator =
                        Foundries.defaultInstance().createValidator(flavour, FAILURES_ONLY)) {
            ValidationResult result = validator.validate(parser);
            return verdict(file, result.isCompliant(), failuresIn(result));
        } catch (ModelParsingException | EncryptedPdfException unreadable) {
            return verdict(file, false, List.of(failure(UNREADABLE, 0, unreadable.toString(), 1)));
        } catch (ValidationException | RuntimeException | StackOverflowError breakdown) {
            return verdict(file, false, List.of(failure(NOT_JUDGED, 0, breakdown.toString(), 1)));
        }
    }

    private static List<Map<String, Object>> failuresIn(ValidationResult result) {
        List<Map<String, Object>> failures = new ArrayList<>();
        result.getFailedChecks().forEach((id, count) -> {
            Rule rule = result.getValidationProfile().getRuleByRuleId(id);
            failures.add(failure(id.getClause(), id.getTestNumber(), describe(rule, id), count));
        });
        return failures;
    }

    private static String describe(Rule rule, RuleId id) {
        return rule == null ? id.toString() : rule.getDescription();
    }

    private static Map<String, Object> failure(String clause, int test, String description, int count) {
        Map<String, Object> failure = new LinkedHashMap<>();
        failure.put("clause", clause);
        failure.put("test", test);
        failure.put("description", description);
        failure.put("count", count);
        return failure;
    }

    private String verdict(File file, boolean compliant, List<Map<String, Object>> failures)
            throws IOException {
        Map<String, Object> verdict = new LinkedHashMap<>();
        verdict.put("file", file.getPath());
        verdict.put("flavour", flavour.getId());
        verdict.put("compliant", compliant);
        verdict.put("failures", failures);
        return json.writeValueAsString(verdict);
    }
}
