package sohoa.conformance;

import com.fasterxml.jackson.databind.ObjectMapper;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Says of each signature of each PDF which PAdES level it has and whether it holds: one JSON object a file.
 *
 * <p>Nothing is fetched: trusted are the certificates given by --trust, revocation is known from the file and
 * from the lists given by --crl. Leaves with 0 when every file has its line, 2 when called wrongly.
 */
public final class SignatureJudge {

    private static final String USAGE = "usage: SignatureJudge --trust FILE.pem [--crl FILE.crl ...] FILE.pdf ...";

    private final ObjectMapper json = new ObjectMapper();
    private final CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
    private final List<String> lists = new ArrayList<>();
    private final List<File> files = new ArrayList<>();

    public static void main(String[] arguments) throws IOException {
        SignatureJudge judge = new SignatureJudge();
        if (!judge.reads(arguments)) {
            System.err.println(USAGE);
            System.exit(2);
        }
        for (File file : judge.files) {
            System.out.println(judge.json.writeValueAsString(judge.verdictOn(file)));
        }
    }

    private boolean reads(String[] arguments) {
        for (int at = 0; at < arguments.length; at++) {
            boolean followed = at + 1 < arguments.length;
            if (arguments[at].equals("--trust") && followed) {
                CertificateToken root = DSSUtils.loadCertificate(new File(arguments[++at]));
                trusted.addCertificate(root);
            } else if (arguments[at].equals("--crl") && followed) {
                lists.add(arguments[++at]);
            } else {
                files.add(new File(arguments[at]));
            }
        }
        return trusted.getNumberOfCertificates() > 0 && !files.isEmpty();
    }

    private Map<String, Object> verdictOn(File file) {
        CommonCertificateVerifier verifier = new CommonCertificateVerifier(true);
        verifier.addTrustedCertSources(trusted);
        if (!lists.isEmpty()) {
            verifier.setCrlSource(new ExternalResourcesCRLSource(
                    lists.stream().map(FileDocument::new).toArray(FileDocument[]::new)));
        }
        SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(file));
        validator.setCertificateVerifier(verifier);
        SimpleReport report = validator.validateDocument().getSimpleReport();
        List<Map<String, Object>> signatures = new ArrayList<>();
        for (String id : report.getSignatureIdList()) {
            Map<String, Object> signature = new LinkedHashMap<>();
            signature.put("level", String.valueOf(report.getSignatureFormat(id)));
            signature.put("indication", String.valueOf(report.getIndication(id)));
            signature.put("sub_indication", String.valueOf(report.getSubIndication(id)));
            List<String> errors = new ArrayList<>();
            report.getAdESValidationErrors(id).forEach(message -> errors.add(message.getValue()));
            signature.put("errors", errors);
            signatures.add(signature);
        }
        Map<String, Object> verdict = new LinkedHashMap<>();
        verdict.put("file", file.getPath());
        verdict.put("signatures", signatures);
        return verdict;
    }
}
